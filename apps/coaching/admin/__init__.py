from . import profiles as profiles
from . import tips as tips
