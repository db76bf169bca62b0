from django.db import models
from django.utils.translation import gettext_lazy as _


class SendingHold(models.Model):
    """While its one row is there, no email and no webhook leaves: a restored copy must not write to real people.

    `manage.py restore` puts it in, `manage.py resume_sending` takes it out. It is a row and no setting, so that it
    comes with the copy wherever that is started.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("hold on sending")
        verbose_name_plural = _("holds on sending")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_sending_hold")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M:%S}"
