"""Lockbox from Python, with the standard library alone: raise a request, wait for the customer, ask before acting,
report, give the access back.

    LOCKBOX_URL=http://localhost:8080 LOCKBOX_KEY=lbk_demo_provider python3 examples/lockbox.py examples/request.json
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone


class Refused(Exception):
    """Lockbox said no: `problem` is the problem+json with its type, detail, field errors and the id of the exchange."""

    def __init__(self, status: int, problem: dict):
        super().__init__(f"{status} {problem.get('detail')} ({problem.get('instance')})")
        self.status, self.problem = status, problem


class StayHere(urllib.request.HTTPRedirectHandler):
    """The key goes to Lockbox and nowhere else."""

    def redirect_request(self, *_):
        return None


class Lockbox:
    """The provider API of one Lockbox."""

    def __init__(self, url: str, key: str):
        self.url, self.key = url.rstrip("/") + "/provider/v1", key
        self.opener = urllib.request.build_opener(StayHere)

    def call(self, method: str, path: str, body=None, headers=None, hold: int = 0, again: bool = True):
        """One call. `again`: saying it twice does it once, so that a broken connection is no reason to give up."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})}
        for attempt in range(4):
            request = urllib.request.Request(self.url + path, data, headers, method=method)
            try:
                with self.opener.open(request, timeout=30 + hold) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                busy = error.code in (429, 502, 503, 504)
                if not (again and busy) or attempt == 3:
                    text = error.read()
                    problem = json.loads(text) if "problem+json" in error.headers.get("Content-Type", "") else {}
                    raise Refused(error.code, problem) from None
            except OSError:
                if not again or attempt == 3:
                    raise
            time.sleep(0.5 * 2**attempt)

    def raise_request(self, request: dict, key: str) -> dict:
        """Raises a request. The same key gives the same request for 24 hours."""
        return self.call("POST", "/access-requests", request, {"Idempotency-Key": key})

    def wait(self, request_id: str) -> dict:
        """Waits until nobody is asked any more: each call is held for 50 seconds or until something changes."""
        path = f"/access-requests/{urllib.parse.quote(request_id, safe='')}?wait=50"
        while True:
            request = self.call("GET", path, hold=50)
            if request["status"] not in ("customer_notified", "awaiting_internal_approval"):
                return request

    def allowed(self, grant: str, question: dict) -> bool:
        """May this be done now? No answer means no: an error is raised before anything is done."""
        return self.call("POST", f"/grants/{grant}/check", question)["allowed"]

    def report(self, grant: str, actions: list) -> dict:
        """Reports actions. Each has an id of ours: sent again it is a duplicate, not a second action."""
        return self.call("POST", f"/grants/{grant}/actions", {"actions": actions})

    def complete(self, request_id: str, engineer: str, note: str) -> dict:
        """Gives the access back. Sent once: whether a call that broke off was done can be read with GET."""
        body = {"engineer_id": engineer, "note": note}
        return self.call("POST", f"/access-requests/{request_id}/complete", body, again=False)


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = json.load(file)
    lockbox = Lockbox(os.environ["LOCKBOX_URL"], os.environ["LOCKBOX_KEY"])
    engineer, operation, target = wanted["engineer"]["id"], wanted["operations"][0], "payroll.dbo.Pay"

    request = lockbox.raise_request(wanted, os.environ.get("IDEMPOTENCY_KEY") or str(uuid.uuid4()))
    print("raised", request["id"], flush=True)

    request = lockbox.wait(request["id"])
    access = request["access"]
    if access["state"] not in ("none", "active"):
        # It was open: completed, lapsed or revoked.
        print("access has ended:", access["state"], access["end_reason"] or "", file=sys.stderr)
        return 15
    grant = access["grant_id"]
    if grant is None:
        decision = request.get("decision")
        print("no access:", request["status"], decision["justification"] if decision else "", file=sys.stderr)
        return 10
    print("granted", grant)

    question = {"engineer_id": engineer, "environment_id": wanted["environment_id"], "operation": operation, "target": target}
    if not lockbox.allowed(grant, question):
        print("not allowed", file=sys.stderr)
        return 1

    # … here the work is done …

    action = {
        "id": str(uuid.uuid4()),
        "time": datetime.now(timezone.utc).isoformat(),
        "engineer_id": engineer,
        "operation": operation,
        "target": target,
        "statement": "SELECT blocked_by FROM sys.dm_exec_requests",
        "rows": 3,
        "outcome": "success",
    }
    for result in lockbox.report(grant, [action])["results"]:
        print(result["result"], result["id"])

    lockbox.complete(request["id"], engineer, "Index added.")
    print("completed", request["id"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
