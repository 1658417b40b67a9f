from . import sessions as sessions
from . import profiles as profiles
from . import tips as tips
