"""All that a stranger needs to check one contract, in one ZIP file that needs nobody to vouch for it.

gathering.py reads what belongs together, files.py says it in files, readme.py how to check them, packing.py packs.
"""

from contracts.evidence.packing import answer, bundle

__all__ = ["answer", "bundle"]
