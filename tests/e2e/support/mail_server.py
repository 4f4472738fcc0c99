"""A mail server for the browser tests: STARTTLS and a password are required, every mail goes into a Maildir.

Prints `listening on PORT` when ready and ends when standard input closes, so it never outlives its test.
With `--read FILE` it prints one mail as JSON instead.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys


def as_json(path: str) -> dict:
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    part = {kind: mail.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    return {
        "from": str(mail["From"]),
        "to": [address.addr_spec for header in mail.get_all("To", []) for address in header.addresses],
        "subject": str(mail["Subject"]),
        "message_id": str(mail["Message-ID"]),
        "headers": [[name, str(value)] for name, value in mail.items()],
        "text": part["plain"].get_content() if part["plain"] else "",
        "html": part["html"].get_content() if part["html"] else "",
    }


async def serve(options: argparse.Namespace) -> None:
    from aiosmtpd.handlers import Mailbox
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

    # It warns about its own authentication on every mail.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options.cert, options.key)
    expected = LoginPassword(options.user.encode(), options.password.encode())

    def authenticate(_server, _session, _envelope, _mechanism, given) -> AuthResult:
        # Not `handled`: on a wrong password aiosmtpd itself must send the refusal.
        return AuthResult(success=given == expected, handled=False)

    class Handler(Mailbox):
        async def handle_DATA(self, server, session, envelope):
            answer = await super().handle_DATA(server, session, envelope)
            # The mail is there; while this file stands, whoever sent it does not hear so.
            if os.path.exists(options.hold):
                message_id = email.message_from_bytes(envelope.content)["Message-ID"]
                with open(options.hold + "-list", "a") as held:
                    held.write(f"{message_id}\n")
            while os.path.exists(options.hold):
                await asyncio.sleep(0.02)
            return answer

    handler = Handler(options.maildir)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            handler,
            hostname="localhost",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
            loop=loop,
        ),
        "127.0.0.1",
        options.port,
    )
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--read")
    parser.add_argument("--port", type=int, default=0)
    for name in ("maildir", "hold", "cert", "key", "user", "password"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    if options.read:
        json.dump(as_json(options.read), sys.stdout)
    else:
        asyncio.run(serve(options))


main()
