from django.apps import AppConfig


class OmnideskConfig(AppConfig):
    name = "omnidesk"

    def ready(self) -> None:
        from omnidesk import flow
        from tenancy import lanes

        lanes.register(flow.lane)
