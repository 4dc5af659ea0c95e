"""Which revisions exist and in what order they run. Pure: no files, no SQL."""
