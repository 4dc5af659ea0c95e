[alembic]
script_location = ${script_location}
path_separator = os
prepend_sys_path = .
sqlalchemy.url = driver://user:password@localhost/name
