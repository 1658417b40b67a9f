"""Words of the plays that come with the product: short, plain, from a person, and worth an answer."""

from .types import Channel

SAVE_FADING_KEY = "save-fading"
LOCALE = "en"
# What the play passes besides, where it knows it.
EXAMPLES = {"what_changed": "Logins fell from 40 to 9 a week"}

_EMAIL_SUBJECT = "Is {{ account.name }} still getting what you need?"
_EMAIL_BODY = """Hi {{ contact.first_name }},

I look after {{ account.name }} on our side. {{ what_changed | default: "Your team uses us much less than it did" }}.
Before I guess at the reason, I would rather ask you.

Two things I can do this week:

- Look at your set-up with you for 20 minutes and show the two steps that bring most teams back up to speed.
- Take over one open problem: tell me what is in the way, and I come back to you within a working day.

What changed for your team? One line is enough, just answer this email.

Best,
{{ csm.name }}"""

_IN_APP_SUBJECT = "Can we help you get more out of this?"
_IN_APP_BODY = """Hi {{ contact.first_name }}, your team is using less of this than before, and I would like to know why.

- Want a 20-minute walk through your set-up? Answer with a day that suits you.
- Something in the way? Answer with one line and I will take care of it.

{{ csm.name }}"""

SAVE_FADING = (
    (Channel.EMAIL, _EMAIL_SUBJECT, _EMAIL_BODY),
    (Channel.IN_APP, _IN_APP_SUBJECT, _IN_APP_BODY),
)
