"""Contoso with a Microsoft 365 beside it: the world in which an administrator lives through a script in the browser."""

import json
import sys
from pathlib import Path

import process
import provost
import public


def world(binary, folder, stack):
    """Makes it and serves it: a hub with an owner and an identity provider's door, and a simulated tenant that can be
    changed. Gives the path of a file that says how each of them is reached."""
    hub = provost.Hub(binary, folder)
    hub.init()
    path, token, tenant = _around(hub, binary, stack)
    base = _serve(hub, stack)
    return _told(folder, {"link": hub.owner_link(base), "scim": {"url": base + path, "token": token}, "tenant": tenant})


def public_world(binary, folder, stack):
    """The same with a public address over https, as Microsoft wants it of who signs a domain's people in. The story opens
    the door to it; gives the path of its certificate besides."""
    hub = provost.Hub(binary, folder)
    hub.init()
    port = process.free_port()
    config = hub.data / "provost.toml"
    config.write_text(config.read_text().replace("[server]", f'[server]\npublic_url = "https://localhost:{port}"', 1))
    path, token, tenant = _around(hub, binary, stack)
    base = _serve(hub, stack)
    door = public.door(folder)
    age = [sys.executable, str(Path(__file__).with_name("age.py")), str(folder)]
    facts = {
        "link": hub.owner_link(f"https://localhost:{port}"),
        "scim": {"url": base + path, "token": token},
        "tenant": tenant,
        "door": {**door, "port": port, "hub": int(base.rsplit(":", 1)[1])},
        "certificates": public.wrong(),
        "age": age,
    }
    return _told(folder, facts), door["certificate"]


def _around(hub, binary, stack):
    path, token = hub.add_provider("Entra")
    tenant, facts = provost.simulator(binary, "--control")
    stack.callback(tenant.stop)
    return path, token, facts


def _serve(hub, stack):
    running, base = hub.serve()
    stack.callback(running.stop)
    return base


def _told(folder, facts):
    told = Path(folder) / "facts.json"
    told.write_text(json.dumps(facts))
    return told
