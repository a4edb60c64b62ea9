"""The action server: rasa_sdk's own, without what a stranger could use.

Stock, it lets every web page call it, and answers an error with the whole conversation.
"""

from __future__ import annotations

import logging
import os
import sys

from rasa_sdk import utils
from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from backstride.guide import load_guide
from backstride.logs import withhold_texts
from backstride.server_settings import load_settings
from backstride.settings import SettingsError
from backstride.wording import load_wording

logger = logging.getLogger(__name__)

BODY_BYTES = 2 * 1024 * 1024  # the newest turns of a conversation
KEPT_SECONDS = 75  # longer than Rasa keeps an idle connection


def make_app() -> Sanic:
    """The server's application, with the actions of this package."""
    app = create_app("actions", cors_origins=[])
    app.config.ACCESS_LOG = False
    app.config.REQUEST_MAX_SIZE = BODY_BYTES
    app.config.KEEP_ALIVE_TIMEOUT = KEPT_SECONDS
    app.error_handler.add(Exception, _failed)
    return app


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, SanicException):
        return response.json({"error": type(error).__name__}, status=error.status_code)
    logger.error("An action failed", exc_info=error)
    return response.json({"error": "The action failed."}, status=500)


def main(port: int) -> None:
    """Serve on loopback, or on SANIC_HOST."""
    utils.configure_colored_logging(os.environ.get("LOG_LEVEL", "INFO"))
    utils.update_sanic_log_level()
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"The action server can't start: {error}")
    # Read now, so that a fault shows at start and the first answer is quick.
    load_guide()
    load_wording()
    app = make_app()
    withhold_texts(settings.log_text)
    app.run(os.environ.get("SANIC_HOST", "127.0.0.1"), port, workers=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
