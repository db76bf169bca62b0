"""manage.py init_seal: create a test CA and a test seal, so that a fresh installation can seal."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.sealing.embedded import make_test_seal, renew_crl
from contracts.sealing.of_test_accounts import PURPOSE, get_folder


class Command(BaseCommand):
    help = "Create a test CA and a test contract seal under $DATA_DIR/seal. An existing seal is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--name", default="Electronic Contract Centre", help="organisation in the certificate's subject"
        )
        parser.add_argument(
            "--test-accounts",
            action="store_true",
            help="create the seal of test accounts, whose contracts say TEST; also in production",
        )
        parser.add_argument("--force", action="store_true", help="renew the seal; the old file is renamed")
        parser.add_argument(
            "--renew-crl", action="store_true", help="only renew the test CA's certificate revocation list"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["test_accounts"]:
            self._make_for_test_accounts(name=options["name"], force=options["force"])
            return
        if not settings.SEAL_ALLOW_TEST:
            raise CommandError(
                "A test seal is not legally binding, so it is not created here. Set SEAL_P12 to a real seal, "
                "or SEAL_ALLOW_TEST=true for trials."
            )
        folder = settings.DATA_DIR / "seal"
        if options["renew_crl"]:
            if not renew_crl(folder, force=True):
                raise CommandError(f"{folder} holds no test CA with its key. Make one with manage.py init_seal.")
            self.stdout.write(f"Renewed {folder / 'ca.crl'}.")
            return
        made = make_test_seal(
            folder,
            name=options["name"],
            passphrase=settings.SEAL_P12_PASSPHRASE,
            force=options["force"],
        )
        if not made.created:
            self.stdout.write(f"Kept the seal that is there: {made.path}. Use --force to renew it.")
            return
        if made.set_aside:
            self.stdout.write(f"Moved the old seal to {made.set_aside}.")
        self.stdout.write(f"Made the test seal {made.path} (TEST, NOT LEGALLY BINDING).")
        self.stdout.write(f"Readers that trust {made.path.with_name('ca.pem')} will call its signatures valid.")
        if str(made.path) != settings.SEAL_P12:
            self.stdout.write(f"SEAL_P12 is {settings.SEAL_P12}: set it to the new file to use this seal.")

    def _make_for_test_accounts(self, *, name: str, force: bool) -> None:
        made = make_test_seal(get_folder(), name=name, passphrase="", force=force, purpose=PURPOSE)
        if not made.created:
            self.stdout.write(f"Kept the seal of test accounts that is there: {made.path}. Use --force to renew it.")
            return
        if made.set_aside:
            self.stdout.write(f"Moved the old seal to {made.set_aside}, which verifies the contracts that it sealed.")
        self.stdout.write(f"Made the seal of test accounts {made.path} (TEST, NOT LEGALLY BINDING).")
        self.stdout.write("Copy its folder to every host that seals or verifies, and back it up.")
