"""Files that a verifier of contracts will be shown, genuine and forged, each with the verdict that it must give.

    python -m tests.contracts.vectors.make FOLDER

writes all of them with `vectors.json`, on contracts that the project's own services draft, seal and end.
"""
