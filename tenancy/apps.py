from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "tenancy"

    def ready(self) -> None:
        from tenancy import checks, live  # noqa: F401 - registers the system checks

        live.topic("member", lambda member, ids: ids & {member.pk})
        live.topic(live.RIGHTS, live.nobody)
