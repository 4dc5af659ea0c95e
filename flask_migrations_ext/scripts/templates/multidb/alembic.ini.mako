[alembic]
script_location = ${script_location}
path_separator = os
prepend_sys_path = .
databases = engine1, engine2

[engine1]
sqlalchemy.url = driver://user:password@localhost/name

[engine2]
sqlalchemy.url = driver://user:password@localhost/name2
