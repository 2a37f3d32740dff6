"""A PostgreSQL of our own for a measurement: a new folder, a free port, durability as it is shipped."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile


class Cluster:
    """Runs until it is stopped. The server refuses to run as root, so root lends it Debian's user."""

    def __init__(self):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder = tempfile.mkdtemp(prefix="provost-bench-postgres-")
        self.user = []
        if os.geteuid() == 0:
            self.user = ["runuser", "-u", "postgres", "--"]
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.run("initdb", "-D", self.folder + "/data", "-U", "provost", "--auth=trust", "--encoding=UTF8", "--locale=C")
        settings = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c max_connections=200 -c shared_buffers=1GB"
        self.run("pg_ctl", "-D", self.folder + "/data", "-l", self.folder + "/log", "-w", "start", "-o", settings)
        self.databases = 0

    def run(self, program, *arguments):
        subprocess.run([*self.user, os.path.join(self.bin, program), *arguments], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def database(self):
        """The address of a new database."""
        self.databases += 1
        name = f"bench{self.databases}"
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "provost", name)
        return f"postgres://provost@127.0.0.1:{self.port}/{name}"

    def stop(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "fast", "-w", "stop")
        shutil.rmtree(self.folder)
