"""The fresh tables of real_data.py. Which they are, how they are arranged and standardized was decided before any of them was decomposed;
they do not change after that."""

import numpy as np

from real_sources import json_of_vega, of_github, of_rda, rows_of, standardized, table


def csv_of(path, repository="vincentarelbundock/Rdatasets"):
    return rows_of(of_github(repository, path).decode())


def r_csv(path):
    """The rows of a table of an R package, PACKAGE/TABLE."""
    return csv_of(f"csv/{path}.csv")


def r_object(package, file, name=None):
    """An object of an R workspace file; by default the one that the file is named after."""
    return of_rda(of_github(package, f"data/{file}"))[name or file.split(".")[0]]


def number(value):
    return np.nan if value in ("", "NA") else float(value)


def cells(rows, modes, value):
    """The column `value` as a tensor whose modes are the columns `modes`."""
    # Zeros in front put the whole numbers in the order of their values.
    return table(rows, [lambda row, name=name: str(row[name]).zfill(9) for name in modes], lambda row: number(row[value]))


def panel(rows, modes, names, change=lambda tensor: tensor):
    """The columns `names`, the variables, along a last mode."""
    return standardized(change(np.stack([cells(rows, modes, name) for name in names], -1)))


# npm


def electricity_victoria():
    rows = [{**row, "day": row["Time"][:10], "hour": row["Time"][11:16]} for row in r_csv("tsibbledata/vic_elec")]
    return panel(rows, ["day", "hour"], ["Demand", "Temperature"])


def traffic_deaths():
    names = ["fatal", "nfatal", "sfatal", "fatal1517", "fatal1820", "fatal2124", "afatal"]
    rows = [{**row, **{name: float(row[name]) / float(row["pop"]) for name in names}} for row in r_csv("AER/Fatalities")]
    return panel(rows, ["state", "year"], names)


def rice_farms():
    """The six seasons of a farm are its rows in their order."""
    rows = [{**row, "season": at % 6} for at, row in enumerate(sorted(r_csv("plm/RiceFarms"), key=lambda row: row["id"]))]
    return panel(rows, ["id", "season"], ["size", "seed", "urea", "totlabor", "goutput"], np.log)


def tuberculosis():
    rows = [row for row in r_csv("tidyr/who") if 1995 <= int(row["year"]) <= 2012]
    ages = ["014", "1524", "2534", "3544", "4554", "5564", "65"]
    parts = [[cells(rows, ["country", "year"], f"new_sp_{sex}{age}") for age in ages] for sex in "mf"]
    return np.log1p(np.moveaxis(np.array(parts), (0, 1), (2, 3)))


def world_population():
    wide = [row for row in r_csv("tidyr/world_bank_pop") if row["2000"]]
    years = [name for name in wide[0] if name.isdigit()]
    rows = [{**row, "year": year, "value": row[year]} for row in wide for year in years]
    by_indicator = cells(rows, ["indicator", "country", "year"], "value")  # growth, total, urban growth, urban total
    by_indicator[[1, 3]] = np.log(by_indicator[[1, 3]])
    return standardized(np.moveaxis(by_indicator, 0, -1))


def contagious_diseases():
    rows = [row for row in r_csv("dslabs/us_contagious_diseases") if row["weeks_reporting"] != "0"]
    modes = ["disease", "state", "year"]
    return np.log1p(1e5 * cells(rows, modes, "count") / cells(rows, modes, "population"))


def chicago_transit():
    rows = sorted(r_csv("modeldata/Chicago"), key=lambda row: row["date"])
    stations = list(rows[0])[2:22]
    return standardized(np.array([[float(row[name]) for name in stations] for row in rows]).reshape(-1, 7, len(stations)))


def repeated_measures():
    rows = r_csv("carData/OBrienKaiser")
    return np.array([[[float(row[f"{phase}.{hour}"]) for hour in range(1, 6)] for phase in ("pre", "post", "fup")] for row in rows])


def new_york_weather():
    rows = [{**row, "date": f"{row['month']:>2}-{row['day']:>2}"} for row in r_csv("nycflights13/weather")]
    return panel(rows, ["origin", "date", "hour"], ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"])


# R objects


def organic_matter():
    """Missing: within 15 nm of scattered light of the first and the second order, and below the first."""
    samples = r_object("cran/staRdom", "eem_list.rda")
    emission, excitation = samples[0]["em"][:, None], samples[0]["ex"]
    scattered = (emission < excitation + 15) | (abs(emission - 2 * excitation) < 15)
    return np.array([np.where(scattered, np.nan, sample["x"]) for sample in samples])


def parenting():
    """Centered and scaled as in Kroonenberg (2008), chapter 13."""
    ratings = r_object("valentint/rrcov3way", "Kojima.rda", "Kojima.girls")
    centered = ratings - ratings.mean(0)
    return centered / centered.std((0, 2), keepdims=True)


def manufacturing():
    added = r_object("valentint/rrcov3way", "va3way.rda")
    return added / added.sum(1, keepdims=True)


def alcohol():
    columns = r_object("cran/multiway", "USalcohol.rda")
    rows = [dict(zip(columns, values)) for values in zip(*columns.values())]
    return table(rows, [lambda r: r["state"], lambda r: r["year"], lambda r: r["type"]], lambda r: r["ethanol"] / r["pop14"])


def tunisia():
    columns = r_object("cran/PTAk", "Zone_climTUN.RData")["att.data"]
    rain = [column for name, column in columns.items() if name.startswith("PREC_") and name != "PREC_TOT"]
    others = [
        [column for name, column in columns.items() if name.endswith(ending) and name != "NMS_P_ETP"]
        for ending in ("_TMOY", "_TMAX", "_TMIN", "_ETP")
    ]
    return standardized(np.array([rain, *others]).transpose(2, 1, 0))


def eeg():
    """Means over the trials of a subject."""
    columns = r_object("cran/eegkitdata", "eegdata.rda")
    at = [np.unique(columns[name], return_inverse=True)[1] for name in ("subject", "channel", "time")]
    shape = [codes.max() + 1 for codes in at]
    cell = np.ravel_multi_index(at, shape)
    return (np.bincount(cell, columns["voltage"]) / np.bincount(cell)).reshape(shape)


def television():
    """Scale × student × program; the columns of the file are programs within students."""
    return np.array(list(r_object("cran/ThreeWay", "TV.rda")[0].values())).reshape(30, 15, 16).transpose(2, 0, 1)


def reading():
    """Pupil × week × test, relative to the largest score of the test."""
    scores = r_object("cran/ThreeWay", "Bus.rda").reshape(7, 37, 5)
    return scores / scores.max((0, 1))


fresh = {
    "us_population": lambda: cells(json_of_vega("population.json"), ["year", "age", "sex"], "people"),
    "occupations": lambda: cells(json_of_vega("jobs.json"), ["job", "year", "sex"], "perc"),
    "fmri": lambda: cells(csv_of("fmri.csv", "mwaskom/seaborn-data"), ["subject", "timepoint", "event", "region"], "signal"),
    "tourism": lambda: cells(r_csv("tsibble/tourism"), ["Region", "Purpose", "Quarter"], "Trips"),
    "livestock": lambda: np.log1p(cells(r_csv("tsibbledata/aus_livestock"), ["Animal", "State", "Month"], "Count")),
    "electricity_victoria": electricity_victoria,
    "global_economy": lambda: panel(
        r_csv("tsibbledata/global_economy"), ["Country", "Year"], ["GDP", "CPI", "Imports", "Exports", "Population"], np.log1p
    ),
    "ansett": lambda: cells(r_csv("tsibbledata/ansett"), ["Airports", "Class", "Week"], "Passengers"),
    "household_budgets": lambda: panel(
        r_csv("tsibbledata/hh_budget"), ["Country", "Year"], ["Debt", "DI", "Expenditure", "Savings", "Wealth", "Unemployment"]
    ),
    "electricity_england": lambda: np.array(
        [float(row["value"]) for row in r_csv("timeSeriesDataSets/taylor_30_min_df_ts")]
    ).reshape(12, 7, 48),
    "traffic_deaths": traffic_deaths,
    "crime": lambda: panel(r_csv("AER/Guns"), ["state", "year"], ["violent", "murder", "robbery", "prisoners"], np.log),
    "airfare": lambda: panel(r_csv("wooldridge/airfare"), ["id", "year"], ["passen", "fare", "bmktshr"], np.log),
    "cigarettes": lambda: panel(r_csv("plm/Cigar"), ["state", "year"], ["price", "ndi", "sales", "pimin"], np.log),
    "rice_farms": rice_farms,
    "tuberculosis": tuberculosis,
    "world_population": world_population,
    "oats": lambda: cells(r_csv("agridat/edwards.oats"), ["gen", "loc", "year"], "yield"),
    "soybean": lambda: panel(
        r_csv("agridat/australia.soybean"), ["gen", "env"], ["yield", "height", "lodging", "size", "protein", "oil"]
    ),
    "suicide": lambda: cells(r_csv("vcd/Suicide"), ["method", "age", "sex"], "Freq"),
    "danish_welfare": lambda: cells(r_csv("vcd/DanishWelfare"), ["Alcohol", "Income", "Status", "Urban"], "Freq"),
    "graduates": lambda: cells(r_csv("vcdExtra/Hoyt"), ["Status", "Rank", "Occupation", "Sex"], "Freq"),
    "french_fries": lambda: np.stack(
        [
            cells(r_csv("reshape2/french_fries"), ["time", "treatment", "subject"], flavor)
            for flavor in ("potato", "buttery", "grassy", "rancid", "painty")
        ],
        -1,
    ),
    "contagious_diseases": contagious_diseases,
    "chicago_transit": chicago_transit,
    "repeated_measures": repeated_measures,
    "texas_housing": lambda: panel(
        [{**row, "date": row["year"] + row["month"].zfill(2)} for row in r_csv("ggplot2/txhousing")],
        ["city", "date"],
        ["sales", "volume", "median", "listings", "inventory"],
        np.log1p,
    ),
    "new_york_weather": new_york_weather,
    "gait": lambda: r_object("cran/fda", "gait.rda"),
    "handwriting": lambda: r_object("cran/fda", "handwrit.rda"),
    "canadian_weather": lambda: standardized(r_object("cran/fda", "CanadianWeather.rda")["dailyAv"][..., [0, 2]]),
    "brains": lambda: r_object("cran/shapes", "brains.rda")["x"],
    "gorillas": lambda: r_object("cran/shapes", "gorf.dat.rda", "gorf.dat"),
    "cold_war": lambda: r_object("cran/amen", "coldwar.RData")["cc"],
    "dutch_students": lambda: r_object("cran/amen", "dutchcollege.RData")["Y"],
    "nations": lambda: r_object("cran/tensorregress", "nations.rda")[1],
    "brain_networks": lambda: r_object("cran/tensorregress", "HCP.rda")[1],
    "organic_matter": organic_matter,
    "parenting": parenting,
    "growth": lambda: standardized(r_object("valentint/rrcov3way", "girls.rda").swapaxes(1, 2)),
    "arno": lambda: standardized(np.log(r_object("valentint/rrcov3way", "Arno.rda").swapaxes(1, 2))),
    "satisfaction": lambda: r_object("valentint/rrcov3way", "satisfaction.rda"),
    "manufacturing": manufacturing,
    "alcohol": alcohol,
    "tunisia": tunisia,
    "eeg": eeg,
    "television": television,
    "reading": reading,
    "kinship": lambda: r_object("cran/ThreeWay", "Kinship.rda"),
}
