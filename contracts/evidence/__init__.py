"""Evidence bundles: a ZIP file with everything needed to check one contract without us.

gathering.py reads the rows, files.py renders the JSON files, readme.py the instructions, and packing.py the ZIP file.
"""

from contracts.evidence.packing import bundle, bundle_response

__all__ = ["bundle", "bundle_response"]
