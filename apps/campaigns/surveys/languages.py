"""What customers read around a survey, in five languages; what a survey asks itself may stand in its definition."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import Contact
from apps.messaging.services import languages as around

_ENGLISH: dict[str, Any] = {
    "title": "Your answer to {name}",
    "questions": {
        "nps": "How likely are you to recommend us to a colleague?",
        "csat": "How satisfied are you with us?",
        "ces": "We make it easy to get things done. How far do you agree?",
    },
    "ends": {
        "nps": ("Not likely at all", "Very likely"),
        "csat": ("Not satisfied at all", "Very satisfied"),
        "ces": ("I do not agree at all", "I agree fully"),
    },
    "follow_up": "What is the main reason for your answer?",
    "free": "You may leave this empty.",
    "private": "Your answer goes to the team that looks after {account}, with your name.",
    "send": "Send my answer",
    "change": "Change my answer",
    "choose": "Please choose a number first. Nothing was sent.",
    "thanks": "Thank you",
    "thanks_words": "Your answer is {score} of {high}. It has arrived.",
    "thanks_loop": "Somebody from your team will read it and get back to you.",
    "may_change": "You may change it until {until}.",
    "back": "Look at it again",
    "given": "You answered {score} of {high}.",
    "closed": "This survey is closed",
    "closed_words": "It could be answered until {until}. Nothing was changed.",
    "fixed_words": "Your answer of {score} stands since {when}; it could be changed for 24 hours. To tell us something new, answer the email.",
    "no_more": "No more surveys",
}
_GERMAN: dict[str, Any] = {
    "title": "Ihre Antwort an {name}",
    "questions": {
        "nps": "Wie wahrscheinlich ist es, dass Sie uns einer Kollegin oder einem Kollegen weiterempfehlen?",
        "csat": "Wie zufrieden sind Sie mit uns?",
        "ces": "Mit uns geht die Arbeit leicht von der Hand. Wie sehr stimmen Sie zu?",
    },
    "ends": {
        "nps": ("Sehr unwahrscheinlich", "Sehr wahrscheinlich"),
        "csat": ("Gar nicht zufrieden", "Sehr zufrieden"),
        "ces": ("Ich stimme gar nicht zu", "Ich stimme voll zu"),
    },
    "follow_up": "Was ist der wichtigste Grund für Ihre Antwort?",
    "free": "Dieses Feld darf leer bleiben.",
    "private": "Ihre Antwort geht mit Ihrem Namen an das Team, das {account} betreut.",
    "send": "Antwort senden",
    "change": "Antwort ändern",
    "choose": "Bitte wählen Sie zuerst eine Zahl. Es wurde nichts gesendet.",
    "thanks": "Vielen Dank",
    "thanks_words": "Ihre Antwort ist {score} von {high}. Sie ist angekommen.",
    "thanks_loop": "Jemand aus Ihrem Team liest sie und meldet sich bei Ihnen.",
    "may_change": "Sie können sie bis {until} ändern.",
    "back": "Noch einmal ansehen",
    "given": "Sie haben {score} von {high} geantwortet.",
    "closed": "Diese Umfrage ist beendet",
    "closed_words": "Sie konnte bis {until} beantwortet werden. Es wurde nichts geändert.",
    "fixed_words": "Ihre Antwort {score} steht seit {when} fest, sie war 24 Stunden änderbar. Neues? Antworten Sie einfach auf die E-Mail.",
    "no_more": "Keine Umfragen mehr",
}
_FRENCH: dict[str, Any] = {
    "title": "Votre réponse à {name}",
    "questions": {
        "nps": "Quelle est la probabilité que vous nous recommandiez à un ou une collègue ?",
        "csat": "Êtes-vous satisfait(e) de nous ?",
        "ces": "Avec nous, le travail est facile. Êtes-vous d’accord ?",
    },
    "ends": {
        "nps": ("Pas du tout probable", "Très probable"),
        "csat": ("Pas du tout satisfait(e)", "Très satisfait(e)"),
        "ces": ("Pas du tout d’accord", "Tout à fait d’accord"),
    },
    "follow_up": "Quelle est la raison principale de votre réponse ?",
    "free": "Vous pouvez laisser ce champ vide.",
    "private": "Votre réponse est transmise, avec votre nom, à l’équipe qui suit {account}.",
    "send": "Envoyer ma réponse",
    "change": "Modifier ma réponse",
    "choose": "Choisissez d’abord un nombre. Rien n’a été envoyé.",
    "thanks": "Merci",
    "thanks_words": "Votre réponse est {score} sur {high}. Elle est bien arrivée.",
    "thanks_loop": "Une personne de votre équipe la lira et reviendra vers vous.",
    "may_change": "Vous pouvez la modifier jusqu’au {until}.",
    "back": "La revoir",
    "given": "Vous avez répondu {score} sur {high}.",
    "closed": "Cette enquête est terminée",
    "closed_words": "On pouvait y répondre jusqu’au {until}. Rien n’a changé.",
    "fixed_words": "Votre réponse {score} date du {when} ; elle pouvait être modifiée pendant 24 heures. Répondez à l’e-mail pour nous en dire plus.",
    "no_more": "Plus d’enquêtes",
}
_SPANISH: dict[str, Any] = {
    "title": "Su respuesta a {name}",
    "questions": {
        "nps": "¿Con qué probabilidad nos recomendaría a un colega?",
        "csat": "¿Está satisfecho con nosotros?",
        "ces": "Con nosotros es fácil hacer el trabajo. ¿Está de acuerdo?",
    },
    "ends": {
        "nps": ("Nada probable", "Muy probable"),
        "csat": ("Nada satisfecho", "Muy satisfecho"),
        "ces": ("Nada de acuerdo", "Totalmente de acuerdo"),
    },
    "follow_up": "¿Cuál es el motivo principal de su respuesta?",
    "free": "Puede dejar este campo vacío.",
    "private": "Su respuesta llega, con su nombre, al equipo que atiende a {account}.",
    "send": "Enviar mi respuesta",
    "change": "Cambiar mi respuesta",
    "choose": "Elija primero un número. No se ha enviado nada.",
    "thanks": "Gracias",
    "thanks_words": "Su respuesta es {score} de {high}. Ha llegado.",
    "thanks_loop": "Alguien de su equipo la leerá y se pondrá en contacto con usted.",
    "may_change": "Puede cambiarla hasta el {until}.",
    "back": "Verla de nuevo",
    "given": "Respondió {score} de {high}.",
    "closed": "Esta encuesta está cerrada",
    "closed_words": "Se podía responder hasta el {until}. No se ha cambiado nada.",
    "fixed_words": "Su respuesta {score} consta desde el {when}; se podía cambiar durante 24 horas. Para decirnos algo nuevo, responda al correo.",
    "no_more": "No más encuestas",
}
_PORTUGUESE: dict[str, Any] = {
    "title": "A sua resposta a {name}",
    "questions": {
        "nps": "Qual a probabilidade de nos recomendar a um colega?",
        "csat": "Está satisfeito connosco?",
        "ces": "Connosco é fácil fazer o trabalho. Concorda?",
    },
    "ends": {
        "nps": ("Nada provável", "Muito provável"),
        "csat": ("Nada satisfeito", "Muito satisfeito"),
        "ces": ("Não concordo nada", "Concordo totalmente"),
    },
    "follow_up": "Qual é o principal motivo da sua resposta?",
    "free": "Pode deixar este campo vazio.",
    "private": "A sua resposta chega, com o seu nome, à equipa que acompanha {account}.",
    "send": "Enviar a minha resposta",
    "change": "Alterar a minha resposta",
    "choose": "Escolha primeiro um número. Nada foi enviado.",
    "thanks": "Obrigado",
    "thanks_words": "A sua resposta é {score} de {high}. Chegou bem.",
    "thanks_loop": "Alguém da sua equipa vai lê-la e responder-lhe.",
    "may_change": "Pode alterá-la até {until}.",
    "back": "Ver de novo",
    "given": "Respondeu {score} de {high}.",
    "closed": "Este inquérito está fechado",
    "closed_words": "Podia ser respondido até {until}. Nada foi alterado.",
    "fixed_words": "A sua resposta {score} está registada desde {when}; podia ser alterada durante 24 horas. Para algo novo, responda ao e-mail.",
    "no_more": "Sem mais inquéritos",
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "pt": _PORTUGUESE}


def for_page(contact: Contact, accepted: str) -> str:
    return around.for_page(contact, accepted)


def for_mail(contact: Contact) -> str:
    return around.for_mail(contact)


def words(language: str) -> Mapping[str, Any]:
    """Everything that is said in a language; English where it is a language of the messages only."""
    return LANGUAGES.get(language, _ENGLISH)
