"""The web app around a library, and the paths at which the run looks.

The library's part is `begin` (-> url, kept), `finish` (-> what is held), and what it has of `refresh`, `introspect`
and `leave`.
"""

import logging
import os
import secrets
from urllib.parse import urlencode

import requests
from flask import Flask, jsonify, redirect, request, session

ISSUER, CLIENT_ID, CLIENT_SECRET, ORIGIN = (
    os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ORIGIN")
)
PORT = int(os.environ["PORT"])
CALLBACK = f"{ORIGIN}/callback"
SCOPE = "openid profile email"

# A cookie is too small for tokens.
held = {}


def new_app():
    app = Flask("client")
    app.secret_key = secrets.token_hex()
    app.get("/")(lambda: "home")
    return app


def logout_url(**more):
    """For a library without means of its own: the app's link to the provider's logout."""
    parameters = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{ORIGIN}/", **more}
    return f"{ISSUER}/logout?{urlencode(parameters)}"


def userinfo_of(access_token):
    return requests.get(f"{ISSUER}/userinfo", headers={"Authorization": f"Bearer {access_token}"}).json()


def serve(library, app=None):
    app = app or new_app()

    @app.get("/login")
    def login():
        url, kept = library.begin()
        session["id"] = secrets.token_hex()
        held[session["id"]] = kept
        return redirect(url)

    @app.get("/callback")
    def callback():
        held[session["id"]] = library.finish(request.url, held[session["id"]])
        return redirect("/me")

    @app.get("/me")
    def me():
        return jsonify(public(held.get(session.get("id"))))

    @app.get("/refresh")
    def refresh():
        mine = held[session["id"]]
        mine.update(library.refresh(mine))
        return jsonify(public(mine))

    @app.get("/introspect")
    def introspect():
        return jsonify(library.introspect(held[session["id"]]))

    @app.get("/logout")
    def logout():
        return redirect(library.leave(held.pop(session.pop("id"))))

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.run("localhost", PORT)


def public(mine):
    """Objects of the library stay in the app."""
    return mine and {name: mine.get(name) for name in ("access_token", "id_token", "userinfo")}
