"""Each language as it is spoken: everyday sentences, answered in the same language."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.assist.name_said import PRINTED_APOSTROPHE, name_said
from custom_components.cem.assist.vocabulary import Words
from custom_components.cem.const import Charging
from custom_components.cem.home import Home
from tests.custom_components.assist.conftest import Say, charging_at
from tests.custom_components.test_control import charging

# On a server that speaks English: why, when, now, tonight, saved, limited, cheap.
EVERYDAY = {
    "nl": (
        ("Waarom laadt de auto niet?", "Wallbox: Wacht tot 12:45"),
        ("Wanneer is de auto vol?", "Wallbox: Volgens het plan geladen om 13:15"),
        ("Laad de auto nu op", "Wallbox gaat nu laden."),
        ("Laad mijn wagen vannacht niet", "Wallbox gaat vannacht niet laden"),
        ("Hoeveel hebben we deze week bespaard?", "Een dag wordt pas getoond"),
        ("Is het vermogen begrensd?", "Niemand heeft een limiet opgelegd"),
        ("Is stroom nu goedkoop?", "Er is nu geen prijs bekend."),
    ),
    "de": (
        ("Warum lädt das Auto nicht?", "Wallbox: Wartet bis 12:45"),
        ("Wann ist unser Auto voll?", "Wallbox: Laut Plan geladen um 13:15"),
        ("Lade das Auto jetzt auf", "Wallbox soll jetzt laden."),
        ("Das Auto heute Nacht nicht laden", "Wallbox soll heute Nacht nicht"),
        ("Wie viel haben wir diese Woche gespart?", "Ein Tag wird gezeigt"),
        ("Ist die Leistung begrenzt?", "Niemand hat eine Grenze vorgegeben"),
        ("Was kostet der Strom gerade?", "Gerade ist kein Preis bekannt."),
    ),
    "fr": (
        ("Pourquoi la voiture ne charge-t-elle pas ?", "Wallbox : Attend jusqu'à"),
        ("Quand est-ce que la voiture sera chargée ?", "Wallbox : Charge terminée à"),
        ("Charge la voiture tout de suite", "Wallbox va charger maintenant."),
        (
            "Ne charge pas l\N{RIGHT SINGLE QUOTATION MARK}auto cette nuit",
            "Wallbox ne va pas charger cette nuit",
        ),
        (
            "Combien avons-nous économisé cette semaine ?",
            "Un jour est présenté une fois",
        ),
        ("Est-ce que la puissance est limitée ?", "Aucune limite imposée"),
        ("Combien coûte l'électricité en ce moment ?", "Aucun prix n'est connu"),
    ),
    "it": (
        ("Perché l'auto non si carica?", "Wallbox: Attende fino alle 12:45"),
        ("Quando sarà carica la mia macchina?", "Wallbox: Carica alle 13:15"),
        ("Carica la macchina adesso", "Wallbox deve caricare ora."),
        (
            "Non caricare l\N{RIGHT SINGLE QUOTATION MARK}auto stanotte",
            "Wallbox non deve caricare stanotte.",
        ),
        ("Quanto abbiamo risparmiato questa settimana?", "Un giorno si mostra"),
        ("La potenza è limitata?", "Nessuno ha imposto un limite"),
        ("Quanto costa la corrente adesso?", "Ora nessun prezzo è noto."),
    ),
    "es": (
        ("¿Por qué no carga el coche?", "Wallbox: Espera hasta las 12:45"),
        ("¿Cuándo estará cargado el coche?", "Wallbox: Cargado a las 13:15"),
        ("Carga el coche ahora", "Wallbox debe cargar ahora."),
        ("No cargues el coche esta noche", "Wallbox no debe cargar esta noche."),
        ("¿Cuánto hemos ahorrado esta semana?", "Un día se muestra"),
        ("¿Está limitada la potencia?", "Nadie ha impuesto un límite"),
        ("¿Está cara la luz ahora?", "Ahora no se conoce"),
    ),
}


@pytest.mark.parametrize("language", EVERYDAY)
async def test_everyday_sentences_are_answered_in_their_language(
    hass: HomeAssistant, home: Home, say: Say, language: str
) -> None:
    assert hass.config.language == "en"
    home.plan = charging_at(3, 4)
    home.cycle()
    for asked, answer in EVERYDAY[language]:
        said = await say(asked, language=language)
        plain = said.replace("\N{NO-BREAK SPACE}", " ").replace(PRINTED_APOSTROPHE, "'")
        assert plain.startswith(answer), asked
    assert charging(home.devices["wallbox"]) is Charging.NOT_TONIGHT


async def test_a_dialect_is_its_language_and_an_unknown_one_english(
    home: Home, say: Say
) -> None:
    assert home.plan is None
    swiss = await say("Warum lädt das Auto nicht?", language="de-CH")
    assert swiss == await say("Warum lädt das Auto nicht?", language="de")
    english = await say("why is the car not charging")
    assert english.startswith("Wallbox: There is no plan")
    assert await say("why is the car not charging", language="eo") == english
    assert swiss != english


async def test_the_language_of_the_server_does_not_decide(
    hass: HomeAssistant, home: Home, say: Say
) -> None:
    del home
    hass.config.language = "de"
    assert (await say("is the power limited")).startswith("Nobody has ordered")


@pytest.mark.parametrize(
    ("template", "text", "name"),
    [
        (
            "why is {device} [not] (heating|on)",
            "Why is the heating not heating?",
            "heating",
        ),
        ("why is {device} [not] (heating|on)", "why is my car heating", "car"),
        ("why is {device} [not] (heating|on)", "why is it on", None),
        ("charge {device} now", "charge garage car, now!", "garage car"),
        (
            "charge {device} now",
            "charge l\N{RIGHT SINGLE QUOTATION MARK}auto now",
            "auto",
        ),
        ("what is planned", "what is planned", None),
    ],
)
def test_the_name_is_found_in_what_was_said(
    template: str, text: str, name: str | None
) -> None:
    words = Words(articles=("the", "my", "l'"), kinds={})
    names = ("car", "garage car", "heating", "auto")
    assert name_said(template, words, names, text) == name
