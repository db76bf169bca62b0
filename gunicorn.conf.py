"""What gunicorn does wherever it is started in this folder: `gunicorn config.wsgi --bind …` reads this by itself."""

from environ import Env

from config.logs import logging_of

accesslog = None  # config/request_log.py writes a line for every request
logconfig_dict = logging_of(debug=Env().bool("DEBUG", default=True))
