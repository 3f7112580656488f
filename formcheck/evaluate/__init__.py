"""How accurate is the judging? Compares it with clips whose truth is known (`formcheck evaluate`)."""
