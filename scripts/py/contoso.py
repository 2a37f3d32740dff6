"""Contoso with a Microsoft 365 beside it: the world in which an administrator lives through a script in the browser."""

import json
from pathlib import Path

import provost


def world(binary, folder, stack):
    """Makes it and serves it: a hub with an owner and an identity provider's door, and a simulated tenant that can be
    changed. Gives the path of a file that says how each of them is reached."""
    hub = provost.Hub(binary, folder)
    hub.init()
    path, token = hub.add_provider("Entra")
    tenant, facts = provost.simulator(binary, "--control")
    stack.callback(tenant.stop)
    running, base = hub.serve()
    stack.callback(running.stop)
    told = Path(folder) / "facts.json"
    told.write_text(json.dumps({"link": hub.owner_link(base), "scim": {"url": base + path, "token": token}, "tenant": facts}))
    return told
