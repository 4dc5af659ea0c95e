[alembic]
sqlalchemy.url = driver://user:password@localhost/name
