"""What customers read of the community, in their own language."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import Contact
from apps.messaging import services as messaging

from ..types import Surface

_ENGLISH: dict[str, Any] = {
    "title": "What you take part in",
    "intro": (
        "Tick what you agree to. Nothing here changes what you can do with the product, and you can change your mind at any time. "
        "It counts from the moment you save."
    ),
    "surfaces": {
        Surface.REFERRAL: ("You may ask me to recommend you", "At most once in 60 days, never while something of yours is open."),
        Surface.ADVOCACY: ("You may ask me for a review, a reference or a story", "One question in 30 days at most. You can say no each time."),
        Surface.PROOF: ("You may count me in figures", "“30 teams your size …”: only numbers, never fewer than 10 teams, never a name."),
        Surface.BOARDS: (
            "I take part in challenges and leaderboards",
            "Without this tick you are on none. How you are shown you choose there.",
        ),
        Surface.NAMED: (
            "You may ask whether you may name me",
            "We show you the exact words first. Without a yes to them nothing is shown.",
        ),
    },
    "save": "Save",
    "saved": "Saved. What was waiting for you and is not wanted any more is taken back.",
    "messages": "What you want to hear about, and where",
    "named_title": "Would you let us show this?",
    "named_yes": "Yes, you may show it",
    "named_no": "No",
    "named_is_yes": "You said yes. You can take it back:",
    "named_is_no": "You said no. Nothing is shown.",
    "take_back": "Take my yes back",
    "answered": "Thank you, that is noted and counts from now on.",
    "ask": {
        "referral": "Would you recommend us?",
        "review": "Would you write a review?",
        "reference": "Would you speak with somebody who is choosing?",
        "case": "May we tell your story?",
    },
    "ask_words": "Either answer is fine. A no changes nothing for you, and we will not ask for this again soon.",
    "ask_yes": "Yes, gladly",
    "ask_no": "No, thank you",
    "ask_agreed": "Thank you! We get in touch with what comes next.",
    "ask_agreed_review": "Thank you! This is where reviews are written:",
    "ask_declined": "That is fine. Thank you for telling us.",
    "ask_over": "This question is closed. Thank you all the same.",
    "choices": "Choose what you want to be asked",
    "challenges": "Challenges",
    "challenges_none": "There is no challenge for you just now.",
    "challenges_choose": "You said that you take part in none. Change it where you choose what you take part in.",
    "challenge_days": "From {first} to {last}, counted in {zone}",
    "challenge_target": "The target for everybody who takes part: {target}",
    "challenge_team": "Your whole team takes part.",
    "challenge_own": "You have {count} of {target}.",
    "challenge_reached": "You reached the target.",
    "challenge_late": "{late} more came too late to count.",
    "challenge_others": "{reached} of {all} who take part have reached it.",
    "challenge_few": "Others are shown once {least} take part.",
    "challenge_names": "Names are made up, for this challenge only.",
    "challenge_over": "It is over.",
    "join": "Take part",
    "leave": "Leave at once",
    "joined": "You take part.",
    "left": "You are out of it, and what was counted is gone.",
    "share": "A picture to share",
    "you": "you",
    "ranks": ("Rank", "Who", "Count"),
}
_GERMAN: dict[str, Any] = {
    "title": "Woran Sie teilnehmen",
    "intro": (
        "Setzen Sie ein Häkchen, wo Sie einverstanden sind. Nichts davon ändert, was Sie mit dem Produkt tun können, "
        "und Sie können es sich jederzeit anders überlegen. Es gilt, sobald Sie speichern."
    ),
    "surfaces": {
        Surface.REFERRAL: ("Sie dürfen mich bitten, Sie zu empfehlen", "Höchstens einmal in 60 Tagen, nie solange ein Anliegen von Ihnen offen ist."),
        Surface.ADVOCACY: (
            "Sie dürfen mich um eine Bewertung, eine Referenz oder einen Bericht bitten",
            "Höchstens eine Frage in 30 Tagen. Sie können jedes Mal ablehnen.",
        ),
        Surface.PROOF: ("Sie dürfen mich in Zahlen mitzählen", "„30 Teams Ihrer Größe …“: nur Zahlen, nie unter 10 Teams, nie ein Name."),
        Surface.BOARDS: (
            "Ich nehme an Wettbewerben und Ranglisten teil",
            "Sonst stehen Sie auf keiner. Wie Sie gezeigt werden, wählen Sie dort.",
        ),
        Surface.NAMED: (
            "Sie dürfen fragen, ob Sie mich nennen dürfen",
            "Jedes Mal zeigen wir Ihnen zuerst den genauen Wortlaut. Ohne Ihr Ja dazu wird nichts gezeigt.",
        ),
    },
    "save": "Speichern",
    "saved": "Gespeichert. Was noch auf Sie wartete und nicht mehr gewünscht ist, wird zurückgenommen.",
    "messages": "Worüber Sie von uns hören möchten, und auf welchem Weg",
    "named_title": "Dürfen wir das zeigen?",
    "named_yes": "Ja, Sie dürfen es zeigen",
    "named_no": "Nein",
    "named_is_yes": "Sie haben Ja gesagt. Sie können es zurücknehmen:",
    "named_is_no": "Sie haben Nein gesagt. Nichts wird gezeigt.",
    "take_back": "Mein Ja zurücknehmen",
    "answered": "Danke, das ist notiert und gilt ab jetzt.",
    "ask": {
        "referral": "Würden Sie uns empfehlen?",
        "review": "Würden Sie eine Bewertung schreiben?",
        "reference": "Würden Sie mit jemandem sprechen, der sich gerade entscheidet?",
        "case": "Dürfen wir Ihre Geschichte erzählen?",
    },
    "ask_words": "Jede Antwort ist recht. Ein Nein ändert nichts für Sie, und wir fragen so bald nicht wieder danach.",
    "ask_yes": "Ja, gern",
    "ask_no": "Nein, danke",
    "ask_agreed": "Vielen Dank! Wir melden uns mit dem nächsten Schritt.",
    "ask_agreed_review": "Vielen Dank! Hier werden Bewertungen geschrieben:",
    "ask_declined": "Das ist in Ordnung. Danke, dass Sie es uns sagen.",
    "ask_over": "Diese Frage ist abgeschlossen. Trotzdem vielen Dank.",
    "choices": "Wählen, worum man Sie bitten darf",
    "challenges": "Wettbewerbe",
    "challenges_none": "Zurzeit gibt es keinen Wettbewerb für Sie.",
    "challenges_choose": "Sie nehmen an keinem teil. Ändern können Sie es dort, wo Sie wählen, woran Sie teilnehmen.",
    "challenge_days": "Vom {first} bis {last}, gezählt in {zone}",
    "challenge_target": "Das Ziel für alle, die teilnehmen: {target}",
    "challenge_team": "Ihr ganzes Team nimmt teil.",
    "challenge_own": "Sie haben {count} von {target}.",
    "challenge_reached": "Sie haben das Ziel erreicht.",
    "challenge_late": "{late} weitere kamen zu spät und zählen nicht.",
    "challenge_others": "{reached} von {all} Teilnehmenden haben es erreicht.",
    "challenge_few": "Andere werden gezeigt, sobald {least} teilnehmen.",
    "challenge_names": "Die Namen sind erfunden, nur für diesen Wettbewerb.",
    "challenge_over": "Er ist vorbei.",
    "join": "Teilnehmen",
    "leave": "Sofort aussteigen",
    "joined": "Sie nehmen teil.",
    "left": "Sie sind ausgestiegen, und was gezählt wurde, ist gelöscht.",
    "share": "Ein Bild zum Teilen",
    "you": "Sie",
    "ranks": ("Rang", "Wer", "Anzahl"),
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": _ENGLISH, "de": _GERMAN}


def for_page(contact: Contact | None, accepted: str) -> str:
    """As on every page for customers, among the languages that the community speaks."""
    wanted = messaging.languages.for_page(contact, accepted)
    return wanted if wanted in LANGUAGES else "en"


def words(language: str) -> Mapping[str, Any]:
    return LANGUAGES[language]
