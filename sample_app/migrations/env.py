"""How this app's migrations run. Nothing here has to be changed.

Every 'flask db' command that needs a database runs this file. Without it, the same
happens with the app's own settings. The documentation shows what people add here:
filters, arguments given with -x, engines and models of their own.
"""

from flask_migrations_ext import context

# Models that the app itself does not import are imported here, to be compared:
# import myapp.reports.models

# Arguments: flask db -x tenant=acme upgrade
# tenant = context.get_x_argument(as_dictionary=True).get("tenant")


# One turn for each database of the app: the default one, then its binds.
for target in context.targets():
    # Settings for it go here, such as include_object=… or version_table=…
    with context.configured(target):
        context.run_migrations()
