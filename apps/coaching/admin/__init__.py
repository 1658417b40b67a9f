from . import profiles as profiles
from . import sessions as sessions
from . import tips as tips
