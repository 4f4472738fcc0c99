"""A mail server for the tests: STARTTLS with AUTH, implicit TLS with AUTH, and one without either.

Usage: server.py FOLDER CERTIFICATE KEY. Prints the three ports as one line of JSON, writes every mail to FOLDER as
N.eml with its envelope as N.json, and ends when its standard input does.

later@ is put off once (451), gone@ does not exist (550); both answers repeat the address, as real servers do.
"""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, certificate, key = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)


class Handler:
    put_off = set()
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        if address.startswith("later@") and address not in self.put_off:
            self.put_off.add(address)
            return f"451 4.3.0 <{address}>: try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        Handler.count += 1
        about = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
        }
        (folder / f"{Handler.count}.eml").write_bytes(envelope.original_content)
        (folder / f"{Handler.count}.json").write_text(json.dumps(about))
        return "250 2.0.0 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"lockbox", b"correct horse")
    return AuthResult(success=right, handled=False, auth_data=data)


async def main():
    loop = asyncio.get_running_loop()

    async def listen(tls=None, **options):
        server = await loop.create_server(lambda: SMTP(Handler(), loop=loop, **options), "127.0.0.1", 0, ssl=tls)
        return server.sockets[0].getsockname()[1]

    guarded = {"authenticator": authenticate, "auth_required": True}
    ports = {
        "starttls": await listen(tls_context=context, require_starttls=True, **guarded),
        "tls": await listen(tls=context, auth_require_tls=False, **guarded),
        "none": await listen(),
    }
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
