"""Where the pages stand: on this machine alone, where reading needs no log-in, or behind an address of their own."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from store.people.rights import Role

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Provider(NamedTuple):
    """An OpenID Connect provider; `newcomers` is the role of who comes for the first time, None: they are refused."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    newcomers: Role | None = None


class Entrance(NamedTuple):
    """How people reach the pages; without `public_url` it is by loopback, and whoever can may read."""

    public_url: str | None = None
    provider: Provider | None = None

    @property
    def open(self) -> bool:
        """Say whether reading needs no log-in."""
        return self.public_url is None

    @property
    def secure(self) -> bool:
        """Say whether browsers come by TLS, so that cookies can be kept to it."""
        return self.public_url is not None and self.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """Name the cookie; the prefix keeps other subdomains from setting it."""
        return "__Host-ketmine" if self.secure else "ketmine"

    def is_ours(self, host: str, port: int | None) -> bool:
        """Say whether a Host header names us: our public address, or a loopback name with our port."""
        if self.public_url is not None:
            return host.lower() == urlsplit(self.public_url).netloc
        try:
            parts = urlsplit(f"//{host}")
            given = parts.port
        except ValueError:
            return False
        plain = parts.netloc == host and not (parts.username or parts.password)
        return plain and parts.hostname in LOOPBACK and (port is None or (given or 80) == port)

    def origin(self, scheme: str, host: str) -> str:
        """Give the origin of our own pages."""
        return self.public_url or f"{scheme}://{host}"
