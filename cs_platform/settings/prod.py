"""Behind TLS, with every value from the environment."""

from . import env
from .base import *  # noqa: F403

BASE_URL = env.text("BASE_URL", hint="Set it to the public address, for example https://success.example.com")
if not BASE_URL.startswith("https://"):
    raise env.Misconfigured(f"BASE_URL is {BASE_URL!r}: set it to the public https:// address.")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", hint="Set it to the host names served, separated by commas.").split(",")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
