"""ETags: an answer that a client holds already is not sent again."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class Tagged(APIRoute):
    """Give each answer an ETag, and 304 to who holds it already."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        answering = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await answering(request)
            tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
            if tag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers={"ETag": tag})
            response.headers["ETag"] = tag
            return response

        return tagged
