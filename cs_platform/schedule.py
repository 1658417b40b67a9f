"""Every periodic job in one table. Missing rows are created, existing ones belong to staff: their edits survive a restart."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Job:
    """A task, how often it runs (seconds), and what it is for."""

    task: str
    every: int
    words: str


DAY = 86_400

JOBS = (
    Job("events.sweep", 2, "Deliver events that a crash or a lost broker left behind"),
    Job("churn.score_stale", 2, "Score accounts whose activity is newer than their score"),
    Job("health.score_stale", 2, "Score the health of accounts of which more is known than their score says"),
    Job("milestones.evaluate_stale", 2, "Judge the milestones of accounts of which more is known than their progress says"),
    Job("milestones.judge_pace", 300, "Find who is behind or stuck on the way to a milestone, and learn daily how long it takes"),
    Job("milestones.evaluate_all", DAY, "Judge everybody's milestones, so that windows that passed and corrected facts count too"),
    Job("milestones.offer", 60, "Give a next milestone to accounts that have nothing to go for"),
    Job("milestones.learn_outcomes", 60, "Learn how hard milestones are from what was reached in time and what was not"),
    Job("milestones.look_back", DAY, "Learn all outcomes again in their order, read what milestones are worth for staying"),
    Job("interventions.advance", 2, "Take the next due step of every running play"),
    Job("interventions.look", 30, "Look at everybody when a play's hour has come: audiences, schedules, runs that no longer fit"),
    Job("interventions.judge_windows", 60, "Judge the goal of runs for the last time when their window closes"),
    Job("interventions.audit", 300, "Find runs of plays that should have moved and did not"),
    Job("interventions.escalate", 15, "Hand tasks that nobody took on in time to the next level of the ladder"),
    Job("interventions.sweep_rehearsals", 30, "Begin dry runs of plays again whose worker died, and nudge those that nobody took"),
    Job("messaging.dispatch", 2, "Send what is due, through the governor"),
    Job("messaging.sweep", 5, "Settle messages whose worker died"),
    Job("messaging.reconcile", 60, "Ask providers about messages of which nobody knows whether they left"),
    Job("messaging.close_digests", 30, "Let digests leave whose window is over"),
    Job("messaging.forget_guests", DAY, "Forget the addresses of people invited whose mail has been in doubt for a week"),
    Job("messaging.learn_prices", 600, "Ask providers what messages cost"),
    Job("messaging.watch", 600, "Find providers that take messages and tell nothing of them"),
    Job("integrations.send_webhooks", 2, "Tell webhooks what they want to know"),
    Job("integrations.sweep_webhooks", 10, "Let deliveries to webhooks wait again whose sender died"),
    Job("health.score_day", 600, "Score the health of accounts whose score is of an earlier day, so that time passing counts"),
    Job("integrations.forget_calls", DAY, "Forget API calls that nobody will repeat any more"),
    Job("integrations.forget_deliveries", DAY, "Forget deliveries to webhooks that ended two months ago"),
    Job("accounts.sweep_imports", 10, "Go on with imports whose worker died, and forget old uploads"),
    Job("events.seal", 60, "Seal the history, so that tampering is found"),
    Job("health.backtest_asked", 30, "Try health models on the own history where somebody asked"),
    Job("churn.score_all", DAY, "Score every account, so that silence counts too"),
    Job("accounts.plan_renewals", DAY // 4, "Open the renewals of the next 180 days, follow moved dates, settle those that are over"),
    Job("churn.call_renewals", DAY // 4, "Let the model say what it expects of each renewal at 180, 90 and 30 days"),
    Job("churn.sweep_training", 60, "Begin trainings again whose worker died, and nudge those that nobody took"),
    Job("churn.retrain", 3600, "Ask for the training of every churn model that learned too long ago"),
    Job("churn.look_back", 7 * DAY, "Hold churn models against what happened, and the present data against what they learned from"),
    Job("accounts.count_names", 600, "Count how often each activity name came lately"),
    Job("experiments.take_looks", 3600, "Read running experiments by their plan where a planned look is due"),
    Job("experiments.settle_decisions", 60, "Count as failures the choices whose window ended without a success"),
    Job("experiments.learn_rhythms", DAY, "Count at which hours the customers of each segment are active"),
    Job("experiments.keep_holdouts", 600, "Draw the next period of holdouts that are over, and give new customers their place"),
    Job("milestones.sweep_rewards", 300, "Reward milestones whose reward was lost on the way"),
    Job("milestones.pace_budgets", 3600, "Reckon how fast this month's reward budgets go, and scale grants to it"),
    Job("milestones.close_budgets", DAY // 4, "Give back what is left of the reward budgets of months that are over"),
    Job("milestones.expire_rewards", DAY // 4, "Let rewards expire that were not used in time"),
    Job("milestones.count_streaks", DAY // 4, "Count the streaks of every customer, and give what they earned"),
    Job("milestones.judge_tiers", DAY, "Let tiers follow the points of the last year"),
    Job("milestones.learn_usual_acts", DAY, "Learn how many acts a day are usual, beyond which further ones count less"),
    Job("milestones.reckon_boards", 300, "Reckon the boards of those who chose to be seen"),
    Job("coaching.read_outcomes", 600, "Read the goals of coaching sessions on their 7th and 30th day"),
    Job("coaching.ask_how_it_went", 900, "Ask coaches about sessions whose time is over and that nobody began"),
    Job("coaching.refit", 7 * DAY, "Look anew at how accounts behave, and place each in its pattern"),
    Job("coaching.recommend", 3600, "Choose tips for every account that had none for a week"),
    Job("coaching.read_tips", 600, "End tips that are out of date, and read what came of those whose window is over"),
    Job("campaigns.advance", 5, "Make, freeze and work off what campaigns are due, and look at their brakes"),
    Job("campaigns.judge_goals", 600, "Note who came to fulfil a campaign's goal that only their state tells, treated and held out alike"),
    Job("campaigns.move_shares", DAY, "Deal the shares of campaigns' variants anew by what each has brought; the control keeps its own"),
    Job("campaigns.freeze_readouts", DAY // 4, "Keep each day's read-out of campaigns as it was"),
    Job("campaigns.follow_surveys", 60, "Note which surveys left, remind once, and close those whose days are over"),
    Job("campaigns.watch_loops", 60, "Announce bad answers to surveys that nobody has answered in time"),
    Job("campaigns.refresh_segments", 2, "Settle who is in which segment where something changed"),
    Job("campaigns.wake_segments", 5, "Move those in or out of segments whom time alone moves"),
    Job("campaigns.fill_segments", 15, "Look at everybody by the rules of segments that are new"),
    Job("campaigns.rebuild_segments", DAY, "Hold every segment against its rule over everybody: nobody may differ"),
    Job("community.mature_referrals", 600, "Approve referrals whose friend got value and whose hold is over, and give what waited for a budget"),
    Job("community.forget_networks", DAY, "Forget the networks that clicks and sign-ups came from, after 30 days"),
    Job("community.find_moments", 5, "Look for right moments to ask at accounts of which something new is known"),
    Job("community.find_all_moments", DAY, "Look for right moments everywhere, and let those pass whose time is over"),
    Job("community.count_challenges", 60, "Count what was done in challenges, and close those that are over"),
    Job("community.publish_statements", DAY // 4, "Make the day's numbers of social proof, once a day"),
    Job("alerts.escalate", 5, "Take the next due step of every alert's way up"),
    Job("alerts.send_notices", 5, "Tell people of ours by mail, push, text and outside channels what is due"),
    Job("alerts.sweep_notices", 30, "Settle notices whose sender died"),
    Job("alerts.audit", 300, "Find alerts that should have reached somebody and did not"),
    Job("alerts.wake", 10, "Wake alerts whose sleep is over"),
    Job("metrics.refresh", 2, "Take into the figures what changed at accounts"),
    Job("metrics.tell", 2, "Announce figures that moved by what happened"),
    Job("metrics.wake", 300, "Take into the figures what a new day changes by itself, and accounts that nobody has counted yet"),
    Job("metrics.reckon_sums", 600, "Reckon NRR, GRR and churn of the year and messages of 28 days, for everybody at once"),
    Job("metrics.close_day", 600, "Keep how the figures stand as those of the day"),
    Job("metrics.reckon_house", 3600, "Reckon what plays, campaigns, coaching and word of mouth bring"),
    Job("metrics.tell_back", DAY, "Tell figures of days before they were kept, as far as facts allow"),
    Job("metrics.recount", DAY, "Count every account anew: nothing may differ from what was kept"),
    Job("alerts.watch", 2, "Look by every rule at accounts of which something new is known"),
    Job("alerts.mark_by_time", 300, "Look again at accounts that hours alone may bring over a limit"),
    Job("alerts.look", 600, "Judge by every rule the days that are over, and tell what began"),
    Job("alerts.fade_scores", DAY, "Let rules of whose alerts nobody says anything go back to the score that is written"),
    Job("alerts.sweep_trials", 30, "Begin tries of rules again whose worker died, and nudge those that nobody took"),
    Job("accounts.keep_months", DAY, "Make the months of the activity table before they begin"),
)

# Work that may take minutes on a large company: what looks at everybody seldom, and what people ask for and wait for knowingly. It has workers of its
# own, so that an event never waits behind it for its score, its play or its alert.
_ASKED = (
    *("accounts.check_import", "accounts.carry_import", "accounts.undo_import", "accounts.sweep_imports", "churn.train"),
    "metrics.recount_activity",
    *("health.backtest_asked", "interventions.rehearse", "alerts.try_rule", "campaigns.advance", "campaigns.fill_segments"),
)
_SELDOM = 300
LONG = (*_ASKED, *(job.task for job in JOBS if job.every >= _SELDOM and not job.task.startswith(("messaging.", "integrations."))))

# What follows an event and nobody waits for on their page: a score, a play and an alert go before it in their queue.
PATIENT = ("alerts.watch", "metrics.refresh", "metrics.tell", "metrics.reckon_offered", "community.find_moments")
WAITS = 6

# Jobs of earlier releases: their tasks are gone or want a key now.
GONE = ("churn.train",)


def create_missing() -> list[str]:
    """Create schedule rows that do not exist yet and drop those of jobs that are gone; returns the names created."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

    PeriodicTask.objects.filter(name__in=GONE, task__in=GONE).delete()
    known = set(PeriodicTask.objects.values_list("name", flat=True))
    missing = [job for job in JOBS if job.task not in known]
    intervals = {every: _interval(IntervalSchedule, every) for every in {job.every for job in missing}}
    # expires: a nudge that nobody took before the next one is due is worth nothing.
    rows = [
        PeriodicTask(name=job.task, task=job.task, interval=intervals[job.every], description=job.words, expire_seconds=max(job.every, 10))
        for job in missing
    ]
    # Two that start at once write each row once.
    PeriodicTask.objects.bulk_create(rows, ignore_conflicts=True)
    if missing:
        PeriodicTasks.update_changed()
    return [job.task for job in missing]


def _interval(schedules: Any, every: int) -> Any:
    days, rest = divmod(every, DAY)
    period, count = (schedules.DAYS, days) if days and not rest else (schedules.SECONDS, every)
    return schedules.objects.get_or_create(every=count, period=period)[0]
