package runtime

import "strings"

// knownModules has the reason why a module is missing in cells, and the alternative, by the name
// of the module. It is the only list of modules that do not belong to Python; those of Python that
// a cell lacks are in assets/guest/tabcell_guest/omitted.py.
//
// To add a module, add its name to a row of moduleReasons, or add a row. A module that tabcell
// contains must not be listed. A pure-Python package that works when its wheel is added needs no
// row, because that is the general advice.
var knownModules = indexReasons()

// moduleReasons has the names of modules, separated by spaces, and the text about them.
var moduleReasons = []struct{ modules, reason string }{
	// Data sources
	{`MySQLdb asyncpg cassandra clickhouse_connect clickhouse_driver cx_Oracle databricks elasticsearch exasol hdbcli ibm_db ibm_db_sa impala
		influxdb mariadb mysql neo4j oracledb psycopg psycopg2 pyathena pyexasol pyhive pymongo pymssql pymysql pyodbc redis redshift_connector
		snowflake sqlalchemy_redshift tableauhyperapi teradatasql turbodbc vertica_python`,
		"a cell cannot reach databases; let Tableau connect to the data and pass the fields as arguments, or compute a table in Tableau Prep"},
	{"sqlalchemy", "an administrator can add its pure-Python wheel with TABCELL_PACKAGES, for SQLite only, because a cell cannot reach other databases; " +
		"let Tableau connect to the data and pass the fields as arguments"},
	{`aiohttp anthropic asana azure boto3 botocore dropbox facebook_business google googleapiclient gspread grpc httplib2 hubspot jira kafka
		langchain mechanize msal notion_client office365 openai paramiko pika playwright praw pyaudio pycurl pysftp requests_oauthlib s3fs scrapy
		selenium sendgrid shopify simple_salesforce slack_sdk smbclient stripe tableau_api_lib tweepy twilio websocket websockets wget
		yfinance zmq`,
		"a cell has no network access; load the data before, and let Tableau connect to it and pass the fields as arguments"},
	{`dash django fastapi flask gunicorn starlette streamlit tabpy_server tornado uvicorn`, "a script in a cell cannot serve requests"},
	// Forecasts and statistics
	{`fbprophet greykite neuralprophet orbit prophet`,
		"it needs compiled code (Stan, or a library for neural networks); for forecasts use statsmodels: SARIMAX, ExponentialSmoothing or UnobservedComponents"},
	{`mlforecast neuralforecast sktime statsforecast tsfresh`,
		"it needs compiled code; for forecasts use statsmodels: SARIMAX, ExponentialSmoothing or UnobservedComponents"},
	{`aesara cmdstanpy numpyro pymc pymc3 pyro pystan pytensor stan theano`,
		"it compiles models to machine code, which a cell cannot run; use scipy.stats, statsmodels or sklearn.linear_model.BayesianRidge"},
	// Machine learning
	{`caffe chainer flax jax keras mxnet onnxruntime paddle pytorch_lightning tensorflow tf_keras tflite_runtime torch torchvision`,
		"it needs compiled code for the processor; train a network with sklearn.neural_network (MLPClassifier, MLPRegressor), or serve this model from a " +
			"TabPy of its own and connect its workbooks there"},
	{"xgboost",
		"it needs a compiled library; lightgbm, and HistGradientBoostingRegressor and HistGradientBoostingClassifier of sklearn.ensemble, use the " +
			"same method: gradient boosting of trees over histograms, with categories and missing values"},
	{`catboost h2o`,
		"it needs compiled code; use lightgbm, or sklearn.ensemble.HistGradientBoostingRegressor or HistGradientBoostingClassifier"},
	{"skopt", "its last release does not work with this version of scikit-learn; use sklearn.model_selection.RandomizedSearchCV"},
	{"pyod", "it needs numba; for outliers use sklearn.ensemble.IsolationForest, sklearn.neighbors.LocalOutlierFactor or sklearn.covariance.EllipticEnvelope"},
	{"tslearn", "it needs numba; use sklearn.cluster with features of the series"},
	{`bottleneck numexpr`, "it needs compiled code; pandas and numpy give the same results without it"},
	{`fasttext flair gensim sentence_transformers spacy stanza tokenizers transformers`,
		"it needs compiled code for the processor; for text use sklearn.feature_extraction.text, nltk or vaderSentiment"},
	{"hdbscan", "it needs compiled code; use sklearn.cluster.HDBSCAN"},
	{"umap", "it needs numba; use sklearn.manifold or sklearn.decomposition"},
	{"shap", "it needs compiled code; use sklearn.inspection.permutation_importance"},
	{`implicit surprise`, "it needs compiled code; use sklearn.decomposition.NMF or TruncatedSVD"},
	{`coinor cplex cvxopt cvxpy cylp docplex ecos gurobipy highspy mip mosek ortools osqp pulp pyomo pyscipopt`,
		"it needs a compiled solver; use scipy.optimize (linprog, milp, minimize)"},
	// Tables and computing
	{`cudf cupy dask_cudf datatable duckdb modin polars pyspark ray vaex`,
		"it needs compiled code or other processes; use pandas"},
	{`fastparquet pyarrow`,
		"tabcell has no pyarrow: use CSV, JSON or pickle in place of Parquet, Feather and ORC, and the dtypes and engines of pandas itself"},
	{`Cython cffi cython llvmlite numba pyximport`, "a cell cannot run machine code that is made at run time; use numpy's functions for whole arrays"},
	{`orjson rapidjson ujson`, "it needs compiled code; use json"},
	{"gmpy2", "it needs compiled code; use int, fractions or decimal"},
	{`Crypto bcrypt cryptography nacl`, "it needs compiled code; hashlib, hmac and secrets are available"},
	// Maps, pictures, documents
	{"pyproj",
		"it needs compiled code (PROJ); for distances and directions use geopy.distance, geographiclib or haversine, and let Tableau project the map"},
	{`shapely geopandas`,
		"it needs compiled code (GEOS), whose exceptions a cell does not have; for distances use geopy.distance or haversine, for points in polygons " +
			"matplotlib.path.Path.contains_points, for hulls and Voronoi cells scipy.spatial, or Tableau's spatial functions (MAKEPOINT, MAKELINE, " +
			"DISTANCE, BUFFER, INTERSECTS)"},
	{`cartopy fiona h3 osgeo osmnx rasterio`,
		"it needs compiled code; compute with numpy, or use Tableau's spatial functions (MAKEPOINT, MAKELINE, DISTANCE, BUFFER, INTERSECTS)"},
	{"cv2", "it needs compiled code; use scipy.ndimage"},
	{"skimage", "it needs compiled code; use scipy.ndimage"},
	{"lxml.isoschematron", "it is not part of tabcell; use lxml.etree.XMLSchema, RelaxNG or Schematron"},
	{`easyocr fitz pytesseract`, "it needs compiled code or another program"},
	// Other languages and programs
	{"rpy2", "a cell has no R; Tableau can connect a workbook to Rserve"},
	{`jaydebeapi jpype konlpy py4j tabula`, "a cell has no Java"},
	{`comtypes pythoncom pywintypes win32api win32com xlwings`, "it controls programs on Windows, and a cell has no other programs"},
	{`psutil pexpect sh`, "a cell has no other processes"},
	{"pip", "nothing can be installed in a cell; an administrator can add pure-Python wheels with TABCELL_PACKAGES"},
	// Names that the import statement does not use
	{`scikit_learn scikitlearn`, "the module is called sklearn"},
	{`BeautifulSoup beautifulsoup beautifulsoup4`, "the module is called bs4"},
	{`PyYAML pyyaml`, "the module is called yaml"},
	{`Pillow pillow`, "the module is called PIL"},
	{"python_dateutil", "the module is called dateutil"},
	{`vader vader_sentiment`, "the module is called vaderSentiment"},
	{`python_Levenshtein python_levenshtein`, "the module is called Levenshtein"},
	// Modules that have moved
	{"sklearn.cross_validation", "it is now sklearn.model_selection"},
	{"sklearn.grid_search", "it is now sklearn.model_selection"},
	{"sklearn.learning_curve", "it is now sklearn.model_selection"},
	{"sklearn.externals.joblib", "joblib is a package of its own now: import joblib"},
	{"sklearn.externals.six", "it was removed with Python 2"},
	{"sklearn.lda", "it is now sklearn.discriminant_analysis.LinearDiscriminantAnalysis"},
	{"sklearn.qda", "it is now sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis"},
	{"sklearn.hmm", "it is now the package hmmlearn, which needs compiled code"},
	{"sklearn.preprocessing.imputation", "it is now sklearn.impute"},
	{"pandas.util.testing", "it is now pandas.testing"},
	{"pandas.io.data", "it was removed; a cell has no network access"},
	{"pandas.tools.plotting", "it is now pandas.plotting"},
	{"pandas.stats.moments", "it was removed; use the methods rolling, expanding and ewm"},
	{"scipy.misc", "it was removed; its functions are in scipy.special, scipy.datasets and scipy.differentiate"},
	{"scipy.weave", "it was removed; use numpy's functions for whole arrays"},
	{"scipy.interpolate.interpolate", "it is private now; import from scipy.interpolate"},
	{"statsmodels.tsa.arima_model", "it was removed; use statsmodels.tsa.arima.model.ARIMA"},
	{"tabpy.tabpy_server", "a cell has no part of TabPy's server; if this is a relative import, name the module in full"},
	// Modules of older versions of Python
	{"distutils", "it was removed in Python 3.12; packaging.version compares versions, and shutil copies files"},
	{"imp", "it was removed in Python 3.12; use importlib"},
	{`asynchat asyncore smtpd`, "it was removed in Python 3.12; use asyncio"},
	{`aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib`,
		"it was removed in Python 3.13"},
	{`ConfigParser HTMLParser Queue SocketServer Tkinter __builtin__ copy_reg`, "this is its name in Python 2; in Python 3 it is in lower case, and __builtin__ is builtins"},
	{`StringIO cStringIO`, "it is now io.StringIO"},
	{"cPickle", "it is now pickle"},
	{`httplib urllib2 urlparse`, "it is now http.client, urllib.request or urllib.parse"},
	{"sets", "it is now the built-in type set"},
}

func indexReasons() map[string]string {
	reasons := map[string]string{}
	for _, row := range moduleReasons {
		for module := range strings.FieldsSeq(row.modules) {
			reasons[module] = row.reason
		}
	}
	return reasons
}
