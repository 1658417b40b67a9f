"""Surveys (NPS, CSAT, CES): who is asked (inviting), the page (pages), the answer (answering), reminders and ends (following), the loop (looping)."""
