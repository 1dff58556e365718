"""The environment of a process that is measured: a user's, whose Python keeps the bytecode that it has made.

A machine for tests may tell Python to write none (PYTHONDONTWRITEBYTECODE): every process would compile all of ketmine anew.
"""

import os

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
