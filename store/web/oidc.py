"""Log-in at an OpenID Connect provider: the code flow with PKCE, by Authlib.

What must come back unchanged (state, nonce, verifier) is kept in a cookie of ten minutes that only this browser has, so
that nobody can finish a log-in that another began. Who comes is known by issuer and subject, never by a name or address.
"""

import base64
import hmac
import json
import logging
import secrets
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from store.database import session_scope
from store.people import accounts
from store.people.accounts import PersonError, subject_of
from store.people.events import Event, note
from store.people.rights import Role
from store.people.tables import User
from store.web.entrance import Entrance, Provider
from store.web.login import address_of, enter, local_path, refused
from store.web.problems import Problem

log = logging.getLogger("ketmine.web")
router = APIRouter(include_in_schema=False)

BEGIN: Final = "/login/oidc"
BACK: Final = "/login/oidc/back"
SECONDS: Final = 10.0
"""How long a request to the provider may take."""

MINUTES: Final = 10
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How an ID token may be signed: by the provider's key, never by a shared secret and never not at all."""


class Begun(NamedTuple):
    """A log-in that was begun: what the provider has to bring back, and where to go on."""

    state: str
    nonce: str
    verifier: str
    onward: str


class ProviderError(Exception):
    """The provider cannot be used, or says something that is not to be believed; the message says what."""


@router.get(BEGIN)
def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    provider = _provider(request)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(state, nonce, verifier, local_path(request.query_params.get("next", "")))
    try:
        with _client(request, provider) as client:
            address, _ = client.create_authorization_url(
                metadata(request, provider)["authorization_endpoint"],
                state=begun.state,
                code_verifier=begun.verifier,
                nonce=begun.nonce,
            )
    except ProviderError as error:
        return _sorry(request, error)
    answer = RedirectResponse(address, status_code=303)
    entrance: Entrance = request.app.state.entrance
    value = base64.urlsafe_b64encode(json.dumps(begun).encode()).decode()
    answer.set_cookie(
        _cookie(entrance), value, max_age=MINUTES * 60, secure=entrance.secure, httponly=True, samesite="lax"
    )
    return answer


@router.get(BACK)
def come_back(request: Request) -> Response:
    """Let in whom the provider vouches for, where they are known or newcomers are taken."""
    provider, entrance = _provider(request), request.app.state.entrance
    try:
        begun = _begun(request, entrance)
        claims = identify(request, provider, begun)
        with session_scope(request.app.state.engine) as session:
            user = _known(session, provider, claims, address_of(request))
    except ProviderError as error:
        answer = _sorry(request, error)
    else:
        answer = enter(request, user, begun.onward, "OpenID Connect") if user else _unknown(request, claims)
    answer.delete_cookie(_cookie(entrance), secure=entrance.secure, httponly=True, samesite="lax")
    return answer


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.entrance.provider
    if provider is None:
        raise Problem(404, "No log-in elsewhere is set up: see KETMINE_OIDC_ISSUER.")
    return provider


def _cookie(entrance: Entrance) -> str:
    return f"{entrance.cookie}-oidc"


def _client(request: Request, provider: Provider) -> Any:
    from authlib.integrations.httpx_client import OAuth2Client

    entrance: Entrance = request.app.state.entrance
    host = request.headers.get("host", "")
    return OAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope="openid profile",
        redirect_uri=entrance.origin(request.url.scheme, host) + BACK,
        code_challenge_method="S256",
        timeout=SECONDS,
        follow_redirects=False,
    )


def metadata(request: Request, provider: Provider) -> dict[str, Any]:
    """Give what the provider says of itself (OpenID Connect Discovery 1.0); asked once.

    Raises:
        ProviderError: it cannot be reached, or says that it is another.
    """
    known: dict[str, Any] | None = getattr(request.app.state, "provider", None)
    if known is None:
        known = _fetched(f"{provider.issuer}/.well-known/openid-configuration")
        if str(known.get("issuer", "")).rstrip("/") != provider.issuer:
            raise ProviderError(f"it calls itself {str(known.get('issuer'))[:200]!r}, not {provider.issuer}")
        missing = {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(known)
        if missing:
            raise ProviderError(f"its configuration lacks {', '.join(sorted(missing))}")
        request.app.state.provider = known
    return known


def _fetched(address: str) -> dict[str, Any]:
    import httpx  # with what it draws in, an eighth of the time that a server takes to start

    try:
        answer = httpx.get(address, timeout=SECONDS)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderError(f"{address} does not answer as it should: {error}") from None
    if not isinstance(found, dict):
        raise ProviderError(f"{address} does not answer with an object")
    return found


def _begun(request: Request, entrance: Entrance) -> Begun:
    kept = request.cookies.get(_cookie(entrance), "")
    try:
        begun = Begun(*map(str, json.loads(base64.urlsafe_b64decode(kept))))
    except (ValueError, TypeError):
        raise ProviderError("this log-in was not begun here, or more than ten minutes ago") from None
    if not hmac.compare_digest(begun.state.encode(), request.query_params.get("state", "").encode()):
        raise ProviderError("this log-in was begun elsewhere")
    return begun._replace(onward=local_path(begun.onward))


def identify(request: Request, provider: Provider, begun: Begun) -> dict[str, Any]:
    """Exchange the code for an ID token, and give its claims once they are proven.

    Raises:
        ProviderError: the person was refused there, or the token does not hold.
    """
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    told = request.query_params
    if told.get("error"):
        raise ProviderError(f"it refused: {told['error'][:80]}")
    known = metadata(request, provider)
    if "iss" in told and told["iss"].rstrip("/") != provider.issuer:  # RFC 9207
        raise ProviderError("the answer comes from another provider")
    try:
        with _client(request, provider) as client:
            token = client.fetch_token(
                known["token_endpoint"], code=told.get("code", ""), code_verifier=begun.verifier
            )
        keys = KeySet.import_key_set(_fetched(known["jwks_uri"]))  # type: ignore[arg-type]
        held = jwt.decode(
            token.get("id_token") or "",
            key=keys,
            registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
        )
        options = {
            "iss": {"essential": True, "value": known["issuer"]},
            "aud": {"essential": True, "value": provider.client_id},
        }
        proof = {
            "nonce": begun.nonce,
            "client_id": provider.client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(held.claims, held.header, options, proof)
        claims.validate(leeway=60)
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(f"its answer does not hold: {error}") from None
    except Exception as error:  # the client's transport may be httpx or httpx2, with errors of their own
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "httpcore", "httpcore2"):
            raise
        raise ProviderError(f"it does not answer: {error}") from None
    return dict(claims)


def _known(session: Session, provider: Provider, claims: dict[str, Any], address: str | None) -> User | None:
    """Give whom the subject stands for; a newcomer is added where that is wanted, else written down and None."""
    subject = subject_of(provider.issuer, str(claims["sub"]))
    user = accounts.by_subject(session, subject)
    if user is None and provider.newcomers is not None:
        user = _newcomer(session, provider.newcomers, subject, claims)
    if user is None or user.disabled:
        key = user.key if user else accounts.key_of(_called(claims))
        note(session, Event.REFUSED, key, address=address, detail=subject[:300])
        return None
    return user


def _newcomer(session: Session, role: Role, subject: str, claims: dict[str, Any]) -> User:
    name = _called(claims)
    for tried in (name, *(f"{name[:50]} {number}" for number in range(2, 100))):
        if accounts.lookup(session, tried) is None:
            try:
                return accounts.add_user(session, tried, role, subject=subject)[0]
            except PersonError as error:
                raise ProviderError(f"the name {tried!r} cannot be taken over: {error}") from None
    raise ProviderError(f"there are a hundred people named {name!r}")


def _called(claims: dict[str, Any]) -> str:
    return str(claims.get("name") or claims.get("preferred_username") or "Newcomer")[: accounts.LONGEST]


def _unknown(request: Request, claims: dict[str, Any]) -> Response:
    subject = str(claims["sub"])[:200]
    return refused(
        request,
        403,
        "You are known there, and not here yet.",
        f"Ask an admin to let in the subject {subject}.",
    )


def _sorry(request: Request, error: ProviderError) -> Response:
    log.warning("log-in by OpenID Connect failed: %s", error)
    return refused(request, 502, "The log-in elsewhere did not work: try again.", f"What is wrong: {error}.")
