"""A vendor and its customer, each with a Provost of its own: the world in which an application is connected."""

import json
import urllib.parse

import provost
from process import Running


def world(binary, folder, stack, entra=False):
    """Makes and serves both; where they are, and the links that make their first owners, for a story. With a simulated
    Microsoft Entra, whose administrators consent, the vendor may call addresses of this machine."""
    homes = {}
    if entra:
        tenant, homes["entra"] = provost.simulator(binary, "--control")
        stack.callback(tenant.stop)
    for name in ("vendor", "customer"):
        hub = provost.Hub(binary, folder / name)
        hub.init()
        if entra:
            config = hub.data / "provost.toml"
            config.write_text(config.read_text().replace("# allow_private_network = false", "allow_private_network = true"))
        running = Running([binary, "serve", "--data", folder / name, "--listen", "127.0.0.1:0"])
        stack.callback(running.stop)
        link = running.wait_for(provost.link, 60)
        homes[name] = {"link": link, "base": f"http://127.0.0.1:{urllib.parse.urlsplit(link).port}"}
    return json.dumps(homes)
