"""The server that Ingot is compared with: FastAPI under uvicorn with its defaults, one worker, on a free port.

Usage: fastapi_server.py [FILE]        `/large` answers with the bytes of FILE.
"""

import socket
import sys
from datetime import datetime, timezone
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response

app = FastAPI()
large = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else b"[]"


@app.get("/api/health")
async def health():
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return {"status": "healthy", "timestamp": now.replace("+00:00", "Z")}


@app.get("/large")
async def get_large():
    return Response(content=large, media_type="application/json")


if __name__ == "__main__":
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(f"fastapi listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app)).run(sockets=[listener])
