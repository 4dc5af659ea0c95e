"""The files of a migrations folder: found, read, loaded and written."""
