"""How many trials an hour: this project against what one writes in an afternoon, and where a trial's time goes."""
