# Models as analysts fit them. Targets are elementwise sums, so that no tie depends on the last digit
# of a matrix product.
import numpy as np
import pandas as pd
from sklearn import (
    calibration, cluster, compose, covariance, cross_decomposition, datasets, decomposition, discriminant_analysis, dummy, ensemble,
    feature_extraction, feature_selection, gaussian_process, impute, isotonic, kernel_ridge, linear_model, manifold, metrics, mixture,
    model_selection, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree,
)

rng = np.random.default_rng(7)
X = np.vstack([rng.normal(c, 0.6, (40, 3)) for c in (0, 3, 6)])
y = np.repeat([0, 1, 2], 40)
target = 1.5 * X[:, 0] - 2 * X[:, 1] + 0.5 * X[:, 2] + rng.normal(0, 0.1, len(X))
noisy = (X[:, 0] + rng.normal(0, 2, len(X)) > 3).astype(int)
new = np.array([[0.1, 0.2, -0.1], [3.2, 2.8, 3.1], [5.5, 6.2, 6.0], [1.6, 1.4, 1.5]])
iris = datasets.load_iris()
holes = np.where(rng.random(X.shape) < 0.1, np.nan, X)
people = pd.DataFrame({"age": [25, 40, None, 31, 58, 47], "city": ["Oslo", "Rome", "Rome", None, "Oslo", "Bern"], "pay": [30.0, 52, 44, 39, 71, 60]})
texts = ["the cat sat on the mat", "the dog sat", "a cat and a dog", "stock prices fell", "prices of stock rose"]


def same_partition(labels):
    """Renumber labels in order of first appearance, because the numbers of clusters are arbitrary."""
    return pd.factorize(np.asarray(labels))[0].tolist()


def fitted(model, labels=y):
    return model.fit(X, labels).predict(new)


cases = {
    "linear regression": lambda: (lambda r: [r.coef_, float(r.intercept_), r.predict(new), r.score(X, target)])(linear_model.LinearRegression().fit(X, target)),
    "ridge": lambda: (lambda r: [r.coef_, float(r.intercept_)])(linear_model.Ridge(alpha=2.0).fit(X, target)),
    "ridge with cross-validation": lambda: (lambda r: [float(r.alpha_), r.coef_])(linear_model.RidgeCV([0.1, 1, 10]).fit(X, target)),
    "lasso": lambda: linear_model.Lasso(alpha=0.1, tol=1e-12, max_iter=100_000).fit(X, target).coef_,
    "elastic net": lambda: linear_model.ElasticNet(alpha=0.1, l1_ratio=0.3, tol=1e-12, max_iter=100_000).fit(X, target).coef_,
    "lasso path": lambda: linear_model.lars_path(X - X.mean(0), target - target.mean())[0],
    "logistic regression": lambda: fitted(linear_model.LogisticRegression(max_iter=1000)),
    "logistic probabilities": lambda: linear_model.LogisticRegression(max_iter=1000, tol=1e-10).fit(X, noisy).predict_proba(new),
    "logistic newton": lambda: linear_model.LogisticRegression(solver="newton-cholesky", tol=1e-12).fit(X, noisy).coef_,
    "Bayesian ridge": lambda: linear_model.BayesianRidge().fit(X, target).coef_,
    "Huber and Theil-Sen": lambda: [linear_model.HuberRegressor(tol=1e-10).fit(X, target).predict(new).round(3), linear_model.TheilSenRegressor(random_state=0).fit(X, target).predict(new).round(3)],
    "RANSAC": lambda: linear_model.RANSACRegressor(random_state=0).fit(X, target).inlier_mask_.sum(),
    "Poisson regression": lambda: linear_model.PoissonRegressor(alpha=0.1, tol=1e-10, solver="newton-cholesky").fit(X, y).coef_,
    "gradient descent": lambda: linear_model.SGDClassifier(random_state=3, max_iter=50).fit(X, y).predict(new),
    "perceptron": lambda: linear_model.Perceptron(random_state=1).fit(X, y).score(X, y),
    "quantile regression": lambda: [(lambda r: [r.coef_, float(r.intercept_), r.predict(new)])(linear_model.QuantileRegressor(quantile=q, alpha=a).fit(X, target)) for q, a in ((0.1, 0), (0.5, 0.01), (0.9, 0.05))],
    "quantile of a dummy": lambda: [dummy.DummyRegressor(strategy="quantile", quantile=0.3).fit(X, target).predict(new)[0], dummy.DummyClassifier().fit(X, noisy).predict(new)],
    "k-means": lambda: (lambda k: [same_partition(k.labels_), float(k.inertia_), k.cluster_centers_[np.argsort(k.cluster_centers_[:, 0])]])(cluster.KMeans(3, n_init=4, random_state=0).fit(X)),
    "mini-batch k-means": lambda: same_partition(cluster.MiniBatchKMeans(3, n_init=3, random_state=0).fit_predict(X)),
    "DBSCAN": lambda: [cluster.DBSCAN(eps=0.9, min_samples=4).fit(X).labels_, cluster.DBSCAN(eps=0.9).fit(X).core_sample_indices_[:5]],
    "HDBSCAN": lambda: same_partition(cluster.HDBSCAN(min_cluster_size=8).fit_predict(X)),
    "OPTICS": lambda: same_partition(cluster.OPTICS(min_samples=8, cluster_method="dbscan", eps=1.0).fit_predict(X)),
    "agglomerative": lambda: (lambda a: [same_partition(a.labels_), a.children_[-3:]])(cluster.AgglomerativeClustering(3).fit(X)),
    "spectral": lambda: same_partition(cluster.SpectralClustering(3, random_state=0).fit_predict(X)),
    "mean shift and Birch": lambda: [same_partition(cluster.MeanShift(bandwidth=2.0).fit_predict(X)), same_partition(cluster.Birch(n_clusters=3).fit_predict(X))],
    "affinity propagation": lambda: len(cluster.AffinityPropagation(random_state=0, preference=-60).fit(X).cluster_centers_indices_),
    "gaussian mixture": lambda: (lambda g: [same_partition(g.predict(X)), np.sort(g.weights_), g.converged_])(mixture.GaussianMixture(3, random_state=0).fit(X)),
    "silhouette": lambda: [metrics.silhouette_score(X, y), metrics.calinski_harabasz_score(X, y), metrics.davies_bouldin_score(X, y)],
    "nearest neighbours": lambda: neighbors.KNeighborsClassifier(5).fit(X, noisy).predict_proba(new),
    "neighbours regression": lambda: neighbors.KNeighborsRegressor(4, weights="distance").fit(X, target).predict(new),
    "kneighbors": lambda: neighbors.NearestNeighbors(n_neighbors=3, algorithm="ball_tree").fit(X).kneighbors(new),
    "kernel density": lambda: neighbors.KernelDensity(bandwidth=0.5).fit(X).score_samples(new),
    "local outlier factor": lambda: neighbors.LocalOutlierFactor(10).fit_predict(np.vstack([X, [[20, 20, 20]]]))[-1],
    "decision tree": lambda: (lambda d: [d.predict(new), d.get_depth(), d.get_n_leaves(), d.feature_importances_])(tree.DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, noisy)),
    "tree as text": lambda: tree.export_text(tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(iris.data, iris.target), feature_names=iris.feature_names),
    "regression tree": lambda: tree.DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, target).predict(new),
    "random forest": lambda: (lambda f: [f.predict_proba(new), f.feature_importances_])(ensemble.RandomForestClassifier(20, random_state=1).fit(X, noisy)),
    "forest regression": lambda: ensemble.RandomForestRegressor(20, random_state=1).fit(X, target).predict(new),
    "out of bag": lambda: ensemble.RandomForestClassifier(30, oob_score=True, random_state=2).fit(X, noisy).oob_score_,
    "extra trees": lambda: ensemble.ExtraTreesClassifier(15, random_state=1).fit(X, noisy).predict_proba(new),
    "gradient boosting": lambda: ensemble.GradientBoostingRegressor(n_estimators=30, random_state=0).fit(X, target).predict(new),
    "boosting classifier": lambda: ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0).fit(X, noisy).predict_proba(new),
    "histogram boosting": lambda: ensemble.HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(X, target).predict(new),
    "AdaBoost and bagging": lambda: [ensemble.AdaBoostClassifier(n_estimators=10, random_state=0).fit(X, noisy).predict(new), ensemble.BaggingRegressor(random_state=0).fit(X, target).predict(new)],
    "isolation forest": lambda: ensemble.IsolationForest(n_estimators=30, random_state=0).fit(X).score_samples(new),
    "voting and stacking": lambda: ensemble.VotingClassifier([("t", tree.DecisionTreeClassifier(max_depth=2, random_state=0)), ("n", naive_bayes.GaussianNB())], voting="soft").fit(X, noisy).predict_proba(new),
    "support vectors": lambda: [fitted(svm.SVC()), svm.SVC(kernel="linear").fit(X, y).n_support_],
    "support vector decision": lambda: svm.SVC(tol=1e-10).fit(X, noisy).decision_function(new),
    "support vector regression": lambda: svm.SVR(C=1.0, tol=1e-10).fit(X, target).predict(new),
    "linear support vectors": lambda: svm.LinearSVC(random_state=0).fit(X, y).predict(new),
    "one-class": lambda: svm.OneClassSVM(nu=0.1).fit(X).predict(np.vstack([new, [[15, 15, 15]]])),
    "naive Bayes": lambda: naive_bayes.GaussianNB().fit(X, noisy).predict_proba(new),
    "multinomial Bayes": lambda: naive_bayes.MultinomialNB().fit([[2, 0, 1], [0, 3, 1], [1, 1, 0]], [0, 1, 0]).predict_proba([[1, 1, 1]]),
    "linear discriminant": lambda: (lambda d: [d.predict(new), d.explained_variance_ratio_])(discriminant_analysis.LinearDiscriminantAnalysis().fit(X, y)),
    "quadratic discriminant": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis().fit(X, noisy).predict_proba(new),
    "gaussian process": lambda: gaussian_process.GaussianProcessRegressor(gaussian_process.kernels.RBF(1.0), optimizer=None, alpha=0.1).fit(X, target).predict(new, return_std=True),
    "neural network": lambda: neural_network.MLPClassifier((5,), random_state=0, max_iter=300).fit(X, y).predict(new),
    "kernel ridge and isotonic": lambda: [kernel_ridge.KernelRidge(kernel="rbf", alpha=0.5).fit(X, target).predict(new), isotonic.IsotonicRegression().fit(np.arange(6), [1, 3, 2, 4, 3.5, 5]).predict([2.5, 4])],
    "partial least squares": lambda: cross_decomposition.PLSRegression(2).fit(X, target).predict(new),
    "covariance": lambda: [covariance.LedoitWolf().fit(X).shrinkage_, covariance.EmpiricalCovariance().fit(X).mahalanobis(new)],
    "PCA": lambda: (lambda p: [p.explained_variance_ratio_, np.abs(p.components_), p.singular_values_])(decomposition.PCA(2).fit(iris.data)),
    "PCA of a share": lambda: decomposition.PCA(0.95).fit(iris.data).n_components_,
    "truncated SVD": lambda: decomposition.TruncatedSVD(2, algorithm="arpack").fit(iris.data).explained_variance_,
    "factor analysis": lambda: np.abs(decomposition.FactorAnalysis(1).fit(iris.data).components_).round(4),
    "NMF": lambda: decomposition.NMF(2, init="nndsvd", max_iter=200).fit(iris.data).reconstruction_err_,
    "ICA": lambda: decomposition.FastICA(2, random_state=0, whiten="unit-variance").fit_transform(X).shape,
    "kernel PCA": lambda: decomposition.KernelPCA(2, kernel="rbf", eigen_solver="dense").fit(X).eigenvalues_,
    "latent Dirichlet": lambda: decomposition.LatentDirichletAllocation(2, random_state=0).fit(feature_extraction.text.CountVectorizer().fit_transform(texts)).perplexity(feature_extraction.text.CountVectorizer().fit_transform(texts)),
    "t-SNE and MDS": lambda: [manifold.TSNE(2, random_state=0, perplexity=10, max_iter=250).fit_transform(X).shape, manifold.Isomap(n_neighbors=60).fit_transform(X).shape],
    "standard scaler": lambda: (lambda s: [s.mean_, s.scale_, s.transform(new)])(preprocessing.StandardScaler().fit(X)),
    "other scalers": lambda: [s.fit(X).transform(new) for s in (preprocessing.MinMaxScaler(), preprocessing.RobustScaler(), preprocessing.MaxAbsScaler(), preprocessing.Normalizer())],
    "quantile transformer": lambda: preprocessing.QuantileTransformer(n_quantiles=20, output_distribution="normal").fit(X).transform(new),
    "power transformer": lambda: preprocessing.PowerTransformer().fit(X).lambdas_,
    "encoders": lambda: [preprocessing.LabelEncoder().fit_transform(["b", "a", "b"]), preprocessing.OneHotEncoder(sparse_output=False).fit_transform(people[["city"]]), preprocessing.OrdinalEncoder().fit_transform(people[["pay"]])],
    "target encoder": lambda: preprocessing.TargetEncoder(cv=2, random_state=0).fit(people[["city"]].fillna("?"), people["pay"]).encodings_,
    "polynomials": lambda: [preprocessing.PolynomialFeatures(2).fit_transform(new[:2]), preprocessing.SplineTransformer(3).fit(X).transform(new[:1]).sum()],
    "bins": lambda: preprocessing.KBinsDiscretizer(4, encode="ordinal", strategy="quantile", quantile_method="linear").fit(X).transform(new),
    "binarise": lambda: [preprocessing.label_binarize([0, 2], classes=[0, 1, 2]), preprocessing.Binarizer(threshold=1).transform(new), preprocessing.MultiLabelBinarizer().fit_transform([("a",), ("a", "b")])],
    "imputers": lambda: [impute.SimpleImputer(strategy="median").fit_transform(holes)[:12], impute.KNNImputer(n_neighbors=3).fit_transform(holes)[:12]],
    "text counts": lambda: (lambda v: [v.fit_transform(texts).toarray(), v.get_feature_names_out().tolist()])(feature_extraction.text.CountVectorizer(stop_words="english")),
    "tf-idf": lambda: feature_extraction.text.TfidfVectorizer().fit_transform(texts).toarray()[3],
    "hashing": lambda: feature_extraction.text.HashingVectorizer(n_features=8).transform(texts).toarray()[0],
    "select k best": lambda: (lambda k: [k.scores_, k.pvalues_, k.get_support()])(feature_selection.SelectKBest(k=2).fit(iris.data, iris.target)),
    "mutual information": lambda: feature_selection.mutual_info_classif(iris.data, iris.target, random_state=0),
    "recursive elimination": lambda: feature_selection.RFE(linear_model.LinearRegression(), n_features_to_select=1).fit(X, target).ranking_,
    "pipeline": lambda: pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), neighbors.KNeighborsClassifier(3)).fit(iris.data, iris.target).predict(iris.data[::15]),
    "column transformer": lambda: compose.make_column_transformer((pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), ["age"]), (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough").fit_transform(people),
    "pandas output": lambda: preprocessing.StandardScaler().set_output(transform="pandas").fit_transform(people[["pay"]]),
    "transformed target": lambda: compose.TransformedTargetRegressor(linear_model.LinearRegression(), func=np.log1p, inverse_func=np.expm1).fit(X, np.abs(target)).predict(new),
    "split": lambda: [v[:4] for v in model_selection.train_test_split(X[:, 0], y, test_size=0.25, random_state=42, stratify=y)],
    "cross validation": lambda: model_selection.cross_val_score(linear_model.LinearRegression(), X, target, cv=model_selection.KFold(4, shuffle=True, random_state=0)),
    "stratified folds": lambda: [list(test[:3]) for _, test in model_selection.StratifiedKFold(3, shuffle=True, random_state=1).split(X, y)],
    "time series split": lambda: [len(train) for train, _ in model_selection.TimeSeriesSplit(3).split(X)],
    "grid search": lambda: (lambda g: [g.best_params_, float(g.best_score_)])(model_selection.GridSearchCV(neighbors.KNeighborsClassifier(), {"n_neighbors": [1, 5, 15]}, cv=3).fit(X, noisy)),
    "random search": lambda: model_selection.RandomizedSearchCV(tree.DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3, 4]}, n_iter=2, random_state=0, cv=3).fit(X, noisy).best_params_,
    "learning curve": lambda: model_selection.learning_curve(naive_bayes.GaussianNB(), X, noisy, train_sizes=[0.5, 1.0], cv=3, shuffle=True, random_state=0)[0],
    "calibration": lambda: calibration.calibration_curve(noisy, np.clip(X[:, 0] / 7, 0, 1), n_bins=4),
    "permutation importance": lambda: __import__("sklearn.inspection").inspection.permutation_importance(linear_model.LinearRegression().fit(X, target), X, target, n_repeats=3, random_state=0).importances_mean,
    "classification metrics": lambda: (lambda p: [metrics.accuracy_score(noisy, p), metrics.f1_score(noisy, p), metrics.confusion_matrix(noisy, p), metrics.matthews_corrcoef(noisy, p), metrics.cohen_kappa_score(noisy, p)])((X[:, 0] > 3).astype(int)),
    "report": lambda: metrics.classification_report(noisy, (X[:, 0] > 3).astype(int)),
    "ranking metrics": lambda: [metrics.roc_auc_score(noisy, X[:, 0]), metrics.average_precision_score(noisy, X[:, 0]), metrics.log_loss(noisy, np.clip(X[:, 0] / 7, 0.01, 0.99)), metrics.brier_score_loss(noisy, np.clip(X[:, 0] / 7, 0, 1))],
    "curves": lambda: [v[:4] for v in metrics.roc_curve(noisy, X[:, 0])],
    "regression metrics": lambda: [metrics.mean_squared_error(target, target + 0.1), metrics.r2_score(target, target * 0.9), metrics.mean_absolute_percentage_error(target, target * 1.1), metrics.median_absolute_error(target, target - 0.2)],
    "cluster metrics": lambda: [metrics.adjusted_rand_score(y, noisy), metrics.normalized_mutual_info_score(y, noisy), metrics.v_measure_score(y, noisy)],
    "pairwise": lambda: [metrics.pairwise.cosine_similarity(new), metrics.pairwise.rbf_kernel(new[:2]), metrics.pairwise.haversine_distances([[0.1, 0.2], [0.3, 0.4]])],
    "data sets": lambda: [datasets.make_blobs(6, random_state=0), datasets.make_regression(4, 2, random_state=1)[1], datasets.make_moons(4, random_state=0)[0], iris.data.sum()],
    "not fitted": lambda: linear_model.LinearRegression().predict(new),
    "missing values": lambda: linear_model.LinearRegression().fit(holes, target),
    "one class only": lambda: linear_model.LogisticRegression().fit(X, np.zeros(len(X))),
}
