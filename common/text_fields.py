"""Model fields that normalise text when it is stored or looked up, for forms, the admin, services and imports."""

from typing import Any

from django import forms
from django.db import models

from common.normal_forms import normalise_code, normalise_identifier, normalise_line


class LineFormField(forms.CharField):
    """Form field that normalises before the length check, because some characters become several."""

    normalise = staticmethod(normalise_line)

    def to_python(self, value: Any) -> str:
        return self.normalise(super().to_python(value) or "")


class CodeFormField(LineFormField):
    normalise = staticmethod(normalise_code)


class IdentifierFormField(LineFormField):
    normalise = staticmethod(normalise_identifier)


class LineField(models.CharField):
    """Text on one line, such as a name or an address, normalised by `normalise_line`."""

    form_field: type[LineFormField] = LineFormField

    def to_python(self, value: Any) -> Any:
        return self._normalised(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return self._normalised(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self._normalised(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return super().formfield(*args, **{"form_class": self.form_field, **kwargs})

    def deconstruct(self) -> Any:
        """Return a plain CharField for migrations: normalisation does not change the column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def _normalised(self, value: Any) -> Any:
        return self.form_field.normalise(value) if isinstance(value, str) else value


class CodeField(LineField):
    """A number in its issuer's spelling, such as an order number or a telephone number (`normalise_code`)."""

    form_field = CodeFormField


class IdentifierField(LineField):
    """An identifier without spaces and dashes, in upper case (`normalise_identifier`)."""

    form_field = IdentifierFormField
