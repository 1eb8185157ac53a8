"""Sentiment of English texts by VADER's lexicon."""

from nltk.sentiment import SentimentIntensityAnalyzer

analyzer = SentimentIntensityAnalyzer()


def SentimentAnalysis(_arg1, library="nltk"):
    """
    Sentiment analysis: for each English text a number from -1 (negative) to 1 (positive).

    library chooses how: "nltk" is VADER, the only one here; TabPy also has "textblob". Returns a list with one number for each text.
    """
    if not isinstance(_arg1[0], str):
        raise TypeError("_arg1 must be texts")
    if library.lower() != "nltk":
        raise ValueError(f"library must be nltk, not {library}: no other one is part of tabcell")
    return [analyzer.polarity_scores(text)["compound"] for text in _arg1]
