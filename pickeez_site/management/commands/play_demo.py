import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import create_sign_in_link, create_token
from pickeez_site.gallery.signing_in import sign_in_link_url
from pickeez_site.operations.demo.client import Body, Client, DemoFailed, wait_until_up
from pickeez_site.operations.demo.pictures import SOURCES, album_pictures, selfie

PHONES = dict(zip(SOURCES, ("12025550101", "12025550102"), strict=True))
FILE_BACKEND = "accounts.messaging.file.FileBackend"


class Command(BaseCommand):
    help = (
        "Plays the main job through the server's own API with photographs of two people, and prints what happens. "
        "Does nothing when there are users already, or when DEMO is 0. Exit status: 0, or 1 when the demo stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=f"http://{settings.HOST}:{settings.PORT}", help="where the server is")
        parser.add_argument("--write-pictures", type=Path, help="only write the demo's pictures into this folder")

    def handle(self, *args: object, url: str, write_pictures: Path | None, **options: object) -> None:
        if write_pictures:
            return self._write(write_pictures)
        if os.environ.get("DEMO") == "0" or User.objects.exists():
            return None
        try:
            self._play(url)
        except DemoFailed as error:
            raise CommandError(f"The demo stopped: {error}.") from error
        except FileNotFoundError as error:
            raise CommandError(f"The demo needs the package {error}: see requirements.txt.") from error

    def _write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in SOURCES:
            (folder / f"{name.lower()}-selfie.jpg").write_bytes(selfie(name))
        for name, content in album_pictures():
            (folder / name).write_bytes(content)
        self.stdout.write(f"The demo's pictures are in {folder}")

    def _play(self, url: str) -> None:
        wait_until_up(url)
        self._say("", "The demo: two people share an album, and each finds the photos that show them.", "")
        people = {name: self._sign_in(url, name) for name in SOURCES}
        owner, guest = people.values()
        album_id = owner.call("POST", "/albums/create", data={"name": "Two pioneers"})["_id"]
        owner.call("POST", f"/albums/{album_id}/invite_phones", json={"phones": [PHONES["Grace"]]})
        self._say("Eileen makes the album “Two pioneers” and invites Grace by her phone number.")
        for name, person in people.items():
            person.upload_selfie(f"{name}.jpg", selfie(name))
        self._say("Each uploads one selfie.")
        for number, (name, content) in enumerate(album_pictures()):
            (owner, guest)[number % 2].upload("/photos/", name, content, album_id=album_id)
        self._say(f"Together they upload {number + 1} photos, one of them broken, and say they are done.")
        owner.call("POST", f"/albums/{album_id}/done_uploading")
        self._report(url, people, owner.wait_until_done(album_id))

    def _sign_in(self, url: str, name: str) -> Client:
        client = Client(url)
        if settings.SMS_BACKEND == FILE_BACKEND:
            client.sign_in(PHONES[name], settings.OUTBOX_DIR / "sms")
            how = "by the code from the SMS"
        else:
            user = User.objects.create_user(phone=PHONES[name], verified_phone=PHONES[name])
            client.authenticate(str(user.pk), create_token(user=user))
            how = "by a token"
        client.call("POST", "/set_fields", data={"field": "name", "val": name})
        self._say(f"{name} signs in as {PHONES[name]}, {how}.")
        return client

    def _report(self, url: str, people: dict[str, Client], album: Body) -> None:
        progress = album["processing"]
        self._say(
            f"The worker processes them: {progress['photos_done']} done, {progress['photos_failed']} failed.", ""
        )
        for name, person in people.items():
            seen = person.call("GET", f"/albums/{album['_id']}")
            self._say(f"  {name:<8} is on {seen['total_filtered']} photos    token {person.token}")
        for photo in (photo for user in album["users"] for photo in user["photos"] if photo["error"]):
            self._say(f"  failed   {photo['error']}")
        password = secrets.token_urlsafe(9)
        User.objects.create_superuser("admin", password)
        link = sign_in_link_url(create_sign_in_link(user=User.objects.get(pk=people["Eileen"].id)))
        self._say(
            "",
            f"  Look here   {link}",
            f"              as Eileen, once and within an hour. Later: sign_in_link --user {PHONES['Eileen']}",
            f"  Admin       {url}/admin/    admin / {password}",
            f"  By curl     curl -H 'Authorization: Bearer {people['Eileen'].token}' {url}/albums/{album['_id']}",
            "",
        )

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(line)
        self.stdout.flush()
