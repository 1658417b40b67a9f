from django.urls import URLPattern, URLResolver, path

from .consumers import LiveConsumer
from .views import accounts, actions, board, health, imports, mailbox, portfolio, work

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work.today_page, name="today"),
    path("portfolio/", portfolio.portfolio_page, name="portfolio"),
    path("portfolio/rows/", portfolio.rows, name="portfolio_rows"),
    path("portfolio/layout/", portfolio.keep_layout, name="keep_layout"),
    path("portfolio/views/", portfolio.save_view, name="save_view"),
    path("portfolio/views/<int:view_id>/remove/", portfolio.remove_view, name="remove_view"),
    path("accounts/<int:account_id>/", accounts.account_page, name="account"),
    path("accounts/<int:account_id>/health/", health.health_card, name="health_card"),
    path("accounts/<int:account_id>/health/<slug:measure>/", health.health_why, name="health_why"),
    path("health-model/", health.health_desk, name="health_desk"),
    path("health-model/<int:model_id>/", health.health_model, name="health_model"),
    path("do/health-model/<int:model_id>/<slug:what>/", health.health_do, name="health_do"),
    path("alerts/", work.alerts_page, name="alerts"),
    path("tasks/", work.tasks_page, name="tasks"),
    path("board/", board.board_page, name="board"),
    path("imports/", imports.imports_page, name="imports"),
    path("imports/upload/", imports.upload, name="import_upload"),
    path("imports/<int:run_id>/", imports.import_page, name="import"),
    path("imports/<int:run_id>/check/", imports.check, name="import_check"),
    path("imports/<int:run_id>/start/", imports.start, name="import_start"),
    path("imports/<int:run_id>/stop/", imports.stop, name="import_stop"),
    path("imports/<int:run_id>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:run_id>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:run_id>/problems.csv", imports.problems, name="import_problems"),
    path("exports/<str:kind>.<str:form>", imports.export, name="export"),
    path("mailbox/", mailbox.mailbox_page, name="mailbox"),
    path("mailbox/<str:key>/", mailbox.mail_page, name="mail"),
    path("mailbox/<str:key>/reply/", mailbox.reply, name="mail_reply"),
    path("do/alerts/<int:alert_id>/acknowledge/", actions.acknowledge, name="acknowledge"),
    path("do/alerts/<int:alert_id>/resolve/", actions.resolve, name="resolve"),
    path("do/alerts/<int:alert_id>/reopen/", actions.reopen_alert, name="reopen_alert"),
    path("do/tasks/<int:task_id>/reopen/", actions.reopen_task, name="reopen_task"),
    path("do/tasks/<int:task_id>/finish/", actions.finish_task, name="finish_task"),
    path("do/tasks/<int:task_id>/snooze/", actions.snooze_task, name="snooze_task"),
    path("do/accounts/<int:account_id>/play/", actions.start_play, name="start_play"),
    path("do/runs/<int:enrolment_id>/stop/", actions.stop_play, name="stop_play"),
]
websocket_urlpatterns: list[URLPattern] = [path("ws/live/", LiveConsumer.as_asgi())]
