"""Operations as the Python text of a script."""
