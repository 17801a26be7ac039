"""Proves that an aborted rollout reaches a person within a minute.

usage: check_abort_alert.py

Starts Prometheus and Alertmanager on loopback with the rules and the routes of
k8s/monitoring, lets a rollout abort, and waits for what PagerDuty would get.
Needs the commands `prometheus` and `prometheus-alertmanager` (or
`alertmanager`) and takes about a minute; without them it says so and passes,
unless GITOPS_REQUIRE=1.
"""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

MONITORING = pathlib.Path(__file__).resolve().parent.parent / "k8s" / "monitoring"
LIMIT_SECONDS = 60
SECRETS = "/vault/secrets/"


class Controller(http.server.BaseHTTPRequestHandler):
    """The metrics of a rollout controller; `phase` is set by the test."""

    phase = "Progressing"
    scraped = threading.Event()

    def do_GET(self):
        body = (
            'rollout_info{namespace="prod",name="myapp",strategy="canary",'
            f'traffic_router="ALB",phase="{Controller.phase}"}} 1\n'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body)
        Controller.scraped.set()

    def log_message(self, *_):
        pass


class Pager(http.server.BaseHTTPRequestHandler):
    """Takes what Alertmanager sends to PagerDuty."""

    aborted = threading.Event()

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if event["event_action"] == "trigger" and "prod/myapp was aborted" in event["payload"]["summary"]:
            Pager.aborted.set()
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replaced(text, old, new):
    assert old in text, f"`{old}` is not in the configuration"
    return text.replace(old, new)


def write_configuration(directory, controller, pager, alertmanager):
    """The repository's own files, with the addresses of this test."""
    for rules in (MONITORING / "prometheus").glob("*.rules.yaml"):
        shutil.copy(rules, directory)
    source = (MONITORING / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8")
    # The scrape jobs find their targets through Kubernetes, which is not here.
    head = source[: source.index("scrape_configs:")]
    head = replaced(head, "alertmanager.monitoring.svc.cluster.local:9093", f"127.0.0.1:{alertmanager}")
    job = {"job_name": "delivery", "honor_labels": True,
           "static_configs": [{"targets": [f"127.0.0.1:{controller}"], "labels": {"namespace": "argo-rollouts"}}]}
    (directory / "prometheus.yaml").write_text(f"{head}scrape_configs: {json.dumps([job])}\n", encoding="utf-8")

    routes = (MONITORING / "alertmanager" / "alertmanager.yaml").read_text(encoding="utf-8")
    routes = replaced(routes, SECRETS, f"{directory}/")
    routes = replaced(routes, "- routing_key_file:", f"- url: http://127.0.0.1:{pager}/\n        routing_key_file:")
    (directory / "alertmanager.yaml").write_text(routes, encoding="utf-8")
    (directory / "pagerduty-routing-key").write_text("0" * 32, encoding="utf-8")
    (directory / "slack-api-url").write_text(f"http://127.0.0.1:{pager}/", encoding="utf-8")


@contextlib.contextmanager
def running(log, *command):
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def measure(prometheus, alertmanager, directory):
    """Seconds from the abort to the page, or None."""
    alerts_port, metrics_port = free_port(), free_port()
    write_configuration(directory, serve(Controller), serve(Pager), alerts_port)
    with running(directory / "alertmanager.log", alertmanager,
                 f"--config.file={directory}/alertmanager.yaml", f"--storage.path={directory}/a",
                 f"--web.listen-address=127.0.0.1:{alerts_port}", "--cluster.listen-address="), \
         running(directory / "prometheus.log", prometheus,
                 f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/p",
                 f"--web.listen-address=127.0.0.1:{metrics_port}"):
        if not Controller.scraped.wait(60):
            sys.exit((directory / "prometheus.log").read_text(encoding="utf-8"))
        # Right after a scrape: the abort waits as long as it can for the next.
        begin = time.monotonic()
        Controller.phase = "Abort"
        if not Pager.aborted.wait(LIMIT_SECONDS):
            print((directory / "alertmanager.log").read_text(encoding="utf-8"), file=sys.stderr)
            return None
        return time.monotonic() - begin


def main():
    prometheus = shutil.which("prometheus")
    alertmanager = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not (prometheus and alertmanager):
        print("skip  an abort pages within a minute: prometheus or alertmanager was not found")
        sys.exit(1 if os.environ.get("GITOPS_REQUIRE") == "1" else 0)
    with tempfile.TemporaryDirectory() as directory:
        seconds = measure(prometheus, alertmanager, pathlib.Path(directory))
    if seconds is None:
        sys.exit(f"FAIL  an abort pages within a minute: no page after {LIMIT_SECONDS} s")
    print(f"ok    an abort pages within a minute: {seconds:.0f} s")


if __name__ == "__main__":
    main()
