"""The words the demo company is made of: trades, places and people. Every name is invented; domains end in .example."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """A line of business: share of customers, kinds of names, open days (Monday first), opening hour, hours open, its August and year's end."""

    name: str
    share: float
    kinds: tuple[str, ...]
    week: tuple[float, ...]
    opens: int
    hours: int
    august: float
    year_end: float


TRADES = (
    Trade("Dental clinic", 0.18, ("Dental", "Dental Care", "Orthodontics", "Smile Clinic"), (1.1, 1.1, 1.0, 1.1, 0.9, 0.15, 0.0), 8, 10, 0.75, 0.35),
    Trade("Physiotherapy", 0.14, ("Physio", "Physiotherapy", "Sports Therapy", "Rehab"), (1.1, 1.0, 1.1, 1.0, 0.9, 0.2, 0.0), 8, 11, 0.8, 0.4),
    Trade("Veterinary clinic", 0.11, ("Vets", "Animal Clinic", "Pet Care"), (1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.1), 8, 11, 0.95, 0.6),
    Trade(
        "Yoga and fitness studio",
        0.14,
        ("Yoga", "Pilates Studio", "Fitness Rooms", "Movement"),
        (1.0, 1.0, 1.0, 1.0, 0.8, 0.9, 0.6),
        8,
        13,
        0.65,
        0.5,
    ),
    Trade("Salon", 0.12, ("Hair Studio", "Salon", "Barbers", "Beauty Rooms"), (0.4, 1.0, 1.0, 1.1, 1.2, 1.2, 0.1), 9, 10, 0.9, 1.15),
    Trade("Photography studio", 0.08, ("Photography", "Portraits", "Photo Studio"), (0.8, 0.9, 0.9, 1.0, 1.0, 0.9, 0.4), 9, 10, 1.1, 0.8),
    Trade("Accounting office", 0.11, ("Accounting", "Bookkeeping", "Tax Advisers"), (1.1, 1.1, 1.1, 1.1, 0.9, 0.02, 0.0), 8, 9, 0.7, 0.8),
    Trade(
        "Repair service",
        0.12,
        ("Boiler Service", "Bike Works", "Appliance Repair", "Locksmiths"),
        (1.1, 1.0, 1.0, 1.0, 1.0, 0.4, 0.05),
        7,
        11,
        0.9,
        0.7,
    ),
)

# Country, its share of customers, and the real time zones customers live in.
COUNTRIES = (
    ("United States", 0.34, ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")),
    ("United Kingdom", 0.18, ("Europe/London",)),
    ("Canada", 0.08, ("America/Toronto", "America/Vancouver", "America/Halifax")),
    ("Germany", 0.09, ("Europe/Berlin",)),
    ("Netherlands", 0.06, ("Europe/Amsterdam",)),
    ("Ireland", 0.05, ("Europe/Dublin",)),
    ("Sweden", 0.05, ("Europe/Stockholm",)),
    ("Australia", 0.07, ("Australia/Sydney", "Australia/Brisbane", "Australia/Perth")),
    ("New Zealand", 0.03, ("Pacific/Auckland",)),
    ("Singapore", 0.03, ("Asia/Singapore",)),
    ("South Africa", 0.02, ("Africa/Johannesburg",)),
)

PLACES = (
    *("Riverside", "Harbour Street", "Oakfield", "Northgate", "Willow Lane", "Maple Hill", "Stonebridge", "Lakeside", "Kingsway", "Foxglove"),
    *("Cedar Grove", "Bayview", "Millbrook", "Ashford", "Highmoor", "Sunnybank", "Quayside", "Elm Park", "Larkspur", "Redwood"),
    *("Clearwater", "Hillcrest", "Meadow", "Old Town", "Station Road", "Silverbirch", "Westend", "Greenwich Row", "Castle Yard", "Orchard"),
    *("Pinecrest", "Saltmarsh", "Brightwell", "Copperfield", "Thornbury", "Juniper", "Beacon", "Fairview", "Wharf Lane", "Summerhill"),
    *("Hawthorn", "Bluebell", "Market Square", "Eastbrook", "Granite Hill", "Linden", "Heron", "Moss Side", "Canal Street", "Alder"),
)

FIRST_NAMES = (
    *("Maya", "Daniel", "Sofia", "Liam", "Amara", "Noah", "Ingrid", "Omar", "Grace", "Mateo", "Hannah", "Kofi", "Elena", "Ravi", "Chloe", "Jonas"),
    *("Leila", "Patrick", "Yuki", "Samuel", "Freya", "Ahmed", "Nora", "Lucas", "Zoe", "Viktor", "Priya", "Ethan", "Marta", "Owen", "Fatima", "Hugo"),
    *(
        "Alice",
        "Diego",
        "Wanjiru",
        "Felix",
        "Aoife",
        "Kenji",
        "Rosa",
        "Peter",
        "Anneke",
        "Tariq",
        "Eleanor",
        "Bruno",
        "Saoirse",
        "Milan",
        "Dana",
        "Ian",
    ),
)
LAST_NAMES = (
    *("Chen", "Murphy", "Andersson", "Okafor", "Schneider", "Patel", "Van Dijk", "Costa", "Bennett", "Larsen", "Novak", "Haddad", "Reyes", "Walsh"),
    *(
        "Tanaka",
        "Fischer",
        "Mbeki",
        "Harris",
        "Lindgren",
        "Moreau",
        "Kaur",
        "Doyle",
        "Bakker",
        "Silva",
        "Turner",
        "Weber",
        "Nakamura",
        "Quinn",
        "Rossi",
    ),
    *("Adeyemi", "Berg", "Campbell", "Dubois", "Eriksen", "Foster", "Gupta", "Hughes", "Ibrahim", "Jansen", "Kelly", "Lopez", "Morgan", "Nilsson"),
)

TICKETS = (
    *("Invoices do not reach clients", "Calendar sync doubles appointments", "Reminder texts go out late", "Cannot export the month"),
    *("Card payments are refused", "A team member is locked out", "Report shows the wrong total", "Booking page is slow"),
)
