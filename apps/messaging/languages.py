"""What customers read of us around the messages, in their own language: the pages of their preferences and the foot of a mail."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation.trans_real import parse_accept_lang_header

from apps.accounts.models import Contact

from . import locales

_ENGLISH: dict[str, Any] = {
    "preferences": "What you want to hear about",
    "choose": "Choose what reaches you and where. It counts from the moment you save.",
    "choose_named": "{name}, choose what reaches you and where. It counts from the moment you save.",
    "saved": "Saved. What was waiting for you and is not wanted any more is taken back.",
    "save": "Save",
    "unsubscribe": "Unsubscribe",
    "leave_question": "No more of these messages?",
    "leave_words": "You get messages about “{topic}” {by}. Press the button and they stop at once.",
    "by_topic": "Choose by topic instead",
    "left": "You are unsubscribed",
    "left_words": "You get no more messages about “{topic}” {by}. Messages that were waiting for you are taken back.",
    "left_next": "You can close this page.",
    "left_choose": "Choose what you want to hear about",
    "answer": "You can answer this email.",
    "no_more": "No more of these emails",
    "never": "Never invite me again",
    "never_words": "Somebody who uses our product asked us to send you this once. We keep no address of yours.",
    "never_question": "No invitations any more?",
    "never_question_words": (
        "Press the button and nobody can have us invite you again, whoever asks. We keep only a code that your address cannot be read from."
    ),
    "never_done": "You will not be invited again",
    "never_done_words": "No invitation of ours reaches this address any more, whoever asks for it.",
    "confirm_link": "(we send you a link to confirm)",
    "confirm_question": "Do you want messages about “{topic}” {by}?",
    "confirm_words": "We send them only once you have said yes here.",
    "confirm_button": "Yes, send me “{topic}” {by}",
    "confirmed": "Confirmed",
    "confirmed_words": "You get messages about “{topic}” {by} from now on.",
    "ask_subject": "Please confirm: “{topic}” {by}",
    "ask_words": (
        "Somebody, probably you, asked us to send you “{topic}” {by}.\n\n"
        "Confirm it here: {link}\n\n"
        "If it was not you, do nothing: without your word we send nothing."
    ),
    "digest": "{count} messages for you: {first}",
    "channels": {"email": "Email", "in_app": "In-app", "sms": "SMS", "whatsapp": "WhatsApp", "voice": "Voice call", "push": "Push"},
    "by": {"email": "by email", "in_app": "in the app", "sms": "by SMS", "whatsapp": "by WhatsApp", "voice": "by voice call", "push": "by push"},
    "sharing_link": "What you take part in: recommendations, figures, challenges",
    "topics": {"success": "Success", "surveys": "Surveys", "referral": "Recommending us", "advocacy": "Reviews, references and stories"},
}
_GERMAN: dict[str, Any] = {
    "preferences": "Worüber Sie von uns hören möchten",
    "choose": "Wählen Sie, was Sie auf welchem Weg erreicht. Es gilt, sobald Sie speichern.",
    "choose_named": "{name}, wählen Sie, was Sie auf welchem Weg erreicht. Es gilt, sobald Sie speichern.",
    "saved": "Gespeichert. Was noch auf Sie wartete und nicht mehr gewünscht ist, wird zurückgenommen.",
    "save": "Speichern",
    "unsubscribe": "Abmelden",
    "leave_question": "Keine dieser Nachrichten mehr?",
    "leave_words": "Sie erhalten Nachrichten zu „{topic}“ {by}. Ein Klick auf den Knopf beendet sie sofort.",
    "by_topic": "Stattdessen nach Themen wählen",
    "left": "Sie sind abgemeldet",
    "left_words": "Sie erhalten keine Nachrichten zu „{topic}“ {by} mehr. Was noch auf Sie wartete, wird zurückgenommen.",
    "left_next": "Sie können diese Seite schließen.",
    "left_choose": "Wählen, worüber Sie von uns hören möchten",
    "answer": "Sie können auf diese E-Mail antworten.",
    "no_more": "Keine dieser E-Mails mehr",
    "never": "Nie wieder einladen",
    "never_words": "Jemand, der unser Produkt nutzt, hat uns gebeten, Ihnen dies einmal zu senden. Wir bewahren Ihre Adresse nicht auf.",
    "never_question": "Keine Einladungen mehr?",
    "never_question_words": (
        "Ein Klick auf den Knopf, und niemand kann Sie mehr über uns einladen, wer auch fragt. Wir bewahren "
        "nur einen Code auf, aus dem sich Ihre Adresse nicht lesen lässt."
    ),
    "never_done": "Sie werden nicht wieder eingeladen",
    "never_done_words": "Keine unserer Einladungen erreicht diese Adresse mehr, wer auch darum bittet.",
    "confirm_link": "(wir senden Ihnen einen Link zur Bestätigung)",
    "confirm_question": "Möchten Sie Nachrichten zu „{topic}“ {by}?",
    "confirm_words": "Wir senden sie erst, wenn Sie hier zugestimmt haben.",
    "confirm_button": "Ja, „{topic}“ {by} senden",
    "confirmed": "Bestätigt",
    "confirmed_words": "Sie erhalten ab jetzt Nachrichten zu „{topic}“ {by}.",
    "ask_subject": "Bitte bestätigen: „{topic}“ {by}",
    "ask_words": (
        "Jemand, vermutlich Sie, hat uns gebeten, Ihnen „{topic}“ {by} zu senden.\n\n"
        "Hier bestätigen Sie es: {link}\n\n"
        "Waren Sie es nicht, tun Sie nichts: Ohne Ihr Wort senden wir nichts."
    ),
    "digest": "{count} Nachrichten für Sie: {first}",
    "channels": {"email": "E-Mail", "in_app": "In der App", "sms": "SMS", "whatsapp": "WhatsApp", "voice": "Anruf", "push": "Push-Nachricht"},
    "by": {
        **{"email": "per E-Mail", "in_app": "in der App", "sms": "per SMS", "whatsapp": "per WhatsApp"},
        **{"voice": "per Anruf", "push": "per Push-Nachricht"},
    },
    "sharing_link": "Woran Sie teilnehmen: Empfehlungen, Zahlen, Wettbewerbe",
    "topics": {"success": "Kundenerfolg", "surveys": "Umfragen", "referral": "Uns empfehlen", "advocacy": "Bewertungen, Referenzen und Berichte"},
}
_FRENCH: dict[str, Any] = {
    "preferences": "Ce que vous souhaitez recevoir",
    "choose": "Choisissez ce que vous recevez et par quel moyen. C’est valable dès que vous enregistrez.",
    "choose_named": "{name}, choisissez ce que vous recevez et par quel moyen. C’est valable dès que vous enregistrez.",
    "saved": "Enregistré. Les messages en attente que vous ne souhaitez plus sont annulés.",
    "save": "Enregistrer",
    "unsubscribe": "Se désabonner",
    "leave_question": "Ne plus recevoir ces messages ?",
    "leave_words": "Vous recevez des messages sur « {topic} » {by}. Appuyez sur le bouton et ils cessent aussitôt.",
    "by_topic": "Choisir plutôt par sujet",
    "left": "Vous êtes désabonné(e)",
    "left_words": "Vous ne recevrez plus de messages sur « {topic} » {by}. Les messages en attente sont annulés.",
    "left_next": "Vous pouvez fermer cette page.",
    "left_choose": "Choisir ce que vous souhaitez recevoir",
    "answer": "Vous pouvez répondre à cet e-mail.",
    "no_more": "Ne plus recevoir ces e-mails",
    "never": "Ne plus jamais m’inviter",
    "never_words": "Une personne qui utilise notre produit nous a demandé de vous envoyer ceci une fois. Nous ne gardons pas votre adresse.",
    "never_question": "Plus d’invitations ?",
    "never_question_words": (
        "Appuyez sur le bouton et personne ne pourra plus vous inviter par nous. Nous ne gardons qu’un code dont votre adresse ne peut être lue."
    ),
    "never_done": "Vous ne serez plus invité",
    "never_done_words": "Plus aucune de nos invitations n’arrivera à cette adresse, qui que ce soit qui la demande.",
    "confirm_link": "(nous vous envoyons un lien de confirmation)",
    "confirm_question": "Souhaitez-vous des messages sur « {topic} » {by} ?",
    "confirm_words": "Nous ne les envoyons qu’une fois que vous avez dit oui ici.",
    "confirm_button": "Oui, envoyez-moi « {topic} » {by}",
    "confirmed": "Confirmé",
    "confirmed_words": "Vous recevez désormais des messages sur « {topic} » {by}.",
    "ask_subject": "Merci de confirmer : « {topic} » {by}",
    "ask_words": (
        "Quelqu’un, sans doute vous, nous a demandé de vous envoyer « {topic} » {by}.\n\n"
        "Confirmez ici : {link}\n\n"
        "Si ce n’était pas vous, ne faites rien : sans votre accord, nous n’envoyons rien."
    ),
    "digest": "{count} messages pour vous : {first}",
    "channels": {
        **{"email": "E-mail", "in_app": "Dans l’application", "sms": "SMS", "whatsapp": "WhatsApp"},
        **{"voice": "Appel", "push": "Notification push"},
    },
    "by": {
        **{"email": "par e-mail", "in_app": "dans l’application", "sms": "par SMS", "whatsapp": "par WhatsApp"},
        **{"voice": "par téléphone", "push": "par notification push"},
    },
    "sharing_link": "Ce à quoi vous participez : recommandations, chiffres, défis",
    "topics": {"success": "Réussite client", "surveys": "Enquêtes", "referral": "Nous recommander", "advocacy": "Avis, références et témoignages"},
}
_SPANISH: dict[str, Any] = {
    "preferences": "Lo que desea recibir",
    "choose": "Elija qué recibe y por qué medio. Vale desde que guarde.",
    "choose_named": "{name}, elija qué recibe y por qué medio. Vale desde que guarde.",
    "saved": "Guardado. Los mensajes en espera que ya no desea se han retirado.",
    "save": "Guardar",
    "unsubscribe": "Cancelar la suscripción",
    "leave_question": "¿No recibir más estos mensajes?",
    "leave_words": "Recibe mensajes sobre «{topic}» {by}. Pulse el botón y cesan de inmediato.",
    "by_topic": "Elegir por temas",
    "left": "Su suscripción está cancelada",
    "left_words": "No recibirá más mensajes sobre «{topic}» {by}. Los mensajes en espera se han retirado.",
    "left_next": "Puede cerrar esta página.",
    "left_choose": "Elegir lo que desea recibir",
    "answer": "Puede responder a este correo.",
    "no_more": "No recibir más estos correos",
    "never": "No volver a invitarme",
    "never_words": "Alguien que usa nuestro producto nos pidió enviarle esto una vez. No guardamos su dirección.",
    "never_question": "¿No más invitaciones?",
    "never_question_words": (
        "Pulse el botón y nadie podrá volver a invitarle a través de nosotros. Solo guardamos un código del que no puede leerse su dirección."
    ),
    "never_done": "No se le volverá a invitar",
    "never_done_words": "Ninguna invitación nuestra llegará a esta dirección, la pida quien la pida.",
    "confirm_link": "(le enviamos un enlace para confirmar)",
    "confirm_question": "¿Quiere mensajes sobre «{topic}» {by}?",
    "confirm_words": "Solo los enviamos cuando haya dicho que sí aquí.",
    "confirm_button": "Sí, envíenme «{topic}» {by}",
    "confirmed": "Confirmado",
    "confirmed_words": "A partir de ahora recibe mensajes sobre «{topic}» {by}.",
    "ask_subject": "Por favor, confirme: «{topic}» {by}",
    "ask_words": (
        "Alguien, probablemente usted, nos pidió que le enviáramos «{topic}» {by}.\n\n"
        "Confírmelo aquí: {link}\n\n"
        "Si no fue usted, no haga nada: sin su palabra no enviamos nada."
    ),
    "digest": "{count} mensajes para usted: {first}",
    "channels": {
        **{"email": "Correo electrónico", "in_app": "En la aplicación", "sms": "SMS", "whatsapp": "WhatsApp"},
        **{"voice": "Llamada", "push": "Notificación push"},
    },
    "by": {
        **{"email": "por correo electrónico", "in_app": "en la aplicación", "sms": "por SMS", "whatsapp": "por WhatsApp"},
        **{"voice": "por teléfono", "push": "por notificación push"},
    },
    "sharing_link": "En qué participa: recomendaciones, cifras, retos",
    "topics": {"success": "Éxito del cliente", "surveys": "Encuestas", "referral": "Recomendarnos", "advocacy": "Reseñas, referencias y casos"},
}
_PORTUGUESE: dict[str, Any] = {
    "preferences": "O que deseja receber",
    "choose": "Escolha o que recebe e por que meio. Vale a partir do momento em que guardar.",
    "choose_named": "{name}, escolha o que recebe e por que meio. Vale a partir do momento em que guardar.",
    "saved": "Guardado. As mensagens em espera que já não deseja foram retiradas.",
    "save": "Guardar",
    "unsubscribe": "Cancelar a inscrição",
    "leave_question": "Não receber mais estas mensagens?",
    "leave_words": "Recebe mensagens sobre “{topic}” {by}. Carregue no botão e elas param de imediato.",
    "by_topic": "Escolher por temas",
    "left": "A sua inscrição foi cancelada",
    "left_words": "Não receberá mais mensagens sobre “{topic}” {by}. As mensagens em espera foram retiradas.",
    "left_next": "Pode fechar esta página.",
    "left_choose": "Escolher o que deseja receber",
    "answer": "Pode responder a este e-mail.",
    "no_more": "Não receber mais estes e-mails",
    "never": "Nunca mais me convidar",
    "never_words": "Alguém que usa o nosso produto pediu-nos que lhe enviássemos isto uma vez. Não guardamos o seu endereço.",
    "never_question": "Não quer mais convites?",
    "never_question_words": (
        "Prima o botão e ninguém poderá voltar a convidá-lo através de nós. Guardamos apenas um código do qual o seu endereço não pode ser lido."
    ),
    "never_done": "Não voltará a ser convidado",
    "never_done_words": "Nenhum convite nosso chegará a este endereço, seja quem for que o peça.",
    "confirm_link": "(enviamos-lhe uma ligação para confirmar)",
    "confirm_question": "Quer mensagens sobre «{topic}» {by}?",
    "confirm_words": "Só as enviamos depois de dizer sim aqui.",
    "confirm_button": "Sim, enviem-me «{topic}» {by}",
    "confirmed": "Confirmado",
    "confirmed_words": "A partir de agora recebe mensagens sobre «{topic}» {by}.",
    "ask_subject": "Confirme, por favor: «{topic}» {by}",
    "ask_words": (
        "Alguém, provavelmente você, pediu-nos para lhe enviar «{topic}» {by}.\n\n"
        "Confirme aqui: {link}\n\n"
        "Se não foi você, não faça nada: sem a sua palavra não enviamos nada."
    ),
    "digest": "{count} mensagens para si: {first}",
    "channels": {
        **{"email": "E-mail", "in_app": "Na aplicação", "sms": "SMS", "whatsapp": "WhatsApp"},
        **{"voice": "Chamada", "push": "Notificação push"},
    },
    "by": {
        **{"email": "por e-mail", "in_app": "na aplicação", "sms": "por SMS", "whatsapp": "por WhatsApp"},
        **{"voice": "por telefone", "push": "por notificação push"},
    },
    "sharing_link": "Em que participa: recomendações, números, desafios",
    "topics": {"success": "Sucesso do cliente", "surveys": "Inquéritos", "referral": "Recomendar-nos", "advocacy": "Avaliações, referências e casos"},
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "pt": _PORTUGUESE}


def for_page(contact: Contact | None, accepted: str) -> str:
    """The language of a page: the contact's own, then what the browser asks for (Accept-Language), then the account's, then the house's."""
    browser = [tag for tag, _ in parse_accept_lang_header(accepted) if tag != "*"]
    account = [contact.account.locale] if contact else []
    return _first([*([contact.locale] if contact else []), *browser, *account])


def for_mail(contact: Contact) -> str:
    """The language of a mail's foot: the contact's, the account's, then the house's."""
    return _first([contact.locale, contact.account.locale])


def nearest(locale: str) -> str:
    """The language in which we speak to a reader of this one."""
    return _first([locale])


def words(language: str) -> Mapping[str, Any]:
    """Everything that is said in a language."""
    return LANGUAGES[language]


def about(language: str, sentence: str, *, topic_name: str, channel: str, **more: str) -> str:
    """One of the sentences that name a topic and a channel."""
    said = LANGUAGES[language]
    return str(said[sentence]).format(topic=topic(language, topic_name), by=said["by"][channel], **more)


def topic(language: str, name: str) -> str:
    """A topic as the customer reads it; those of staff's own making stand as they were written."""
    named: dict[str, str] = LANGUAGES[language]["topics"]
    return named.get(name) or name[:1].upper() + name[1:]


def _first(wanted: list[str]) -> str:
    return next((tag for tag in locales.chain(*wanted) if tag in LANGUAGES), "en")
