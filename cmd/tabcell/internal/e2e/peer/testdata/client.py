"""Tests a running server with TabPy's own client package: client.py URL NAME PASSWORD.

URL ends in a slash. The tests do not depend on the server; a comment marks each test that TabPy
itself fails, with its defect.
"""

import shutil
import sys
import types
import unittest
import urllib.parse

import numpy
import requests
from tabpy.tabpy_tools.client import Client
from tabpy.tabpy_tools.rest import ResponseError
from tabpy.tabpy_tools.schema import generate_schema

URL, NAME, PASSWORD = sys.argv[1:]


def add(x, y):
    """Adds x and y"""
    return [a + b for a, b in zip(x, y)]


def subtract(x, y):
    return [a - b for a, b in zip(x, y)]


def scaled(factor):
    weights = numpy.array([factor, 10 * factor])
    return lambda x: (weights * numpy.array(x)).tolist()


def power(x, n=2):
    """Raises x to the n-th"""
    return [v ** n for v in x]


def connect(**options):
    client = Client(URL, **options)
    client.set_credentials(NAME, PASSWORD)
    return client


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.client = connect()
        self.session = requests.Session()
        self.session.auth, self.session.verify = (NAME, PASSWORD), False

    def deploy(self, name, *args, **options):
        self.client.deploy(name, *args, override=True, **options)
        self.addCleanup(self.forget, name)

    def forget(self, name):
        self.session.delete(URL + "endpoints/" + urllib.parse.quote(name))

    def evaluate(self, script, **data):
        response = self.session.post(URL + "evaluate", json={"script": script, "data": data})
        return response.status_code, response.json()

    def test_deploy_and_query(self):
        self.deploy("add up", add, "Adds two columns")
        response = self.client.query("add up", [1, 2], [10, 20])
        self.assertEqual([11, 22], response["response"])
        self.assertEqual(("add up", 1), (response["model"], response["version"]))
        self.assertEqual([11], self.client.query("add up", x=[1], y=[10])["response"])
        status = self.client.get_status()["add up"]
        self.assertEqual(("LoadSuccessful", 1, "model"), (status["status"], status["version"], status["type"]))

    def test_description_is_the_docstring(self):
        self.deploy("add", add, None)
        endpoint = self.client.get_endpoints()["add"]
        self.assertEqual(("Adds x and y", "Adds x and y"), (endpoint.description, endpoint.docstring))

    def test_function_with_its_data(self):
        self.deploy("scaled", scaled(2.5))
        self.assertEqual([2.5, 50.0], self.client.query("scaled", [1, 2])["response"])

    def test_deploy_again(self):
        self.deploy("twice", add)
        with self.assertRaisesRegex(RuntimeError, 'name \\(twice\\) already exists. Use "override = True"'):
            self.client.deploy("twice", subtract)
        self.assertEqual(1, self.client.query("twice", [1], [1])["version"])
        self.client.deploy("twice", subtract, override=True)
        response = self.client.query("twice", [1], [1])
        self.assertEqual((2, [0]), (response["version"], response["response"]))

    def test_schema(self):
        schema = generate_schema(input={"x": [1.5], "y": [2.5]}, output=[4.0], input_description={"x": "first", "y": "second"})
        self.deploy("typed", add, schema=schema, is_public=True)
        endpoint = self.client.get_endpoints()["typed"]
        self.assertIn("'first'", str(endpoint.schema))
        self.assertTrue(endpoint.is_public)

    def test_update_endpoint_info(self):
        self.deploy("add", add, "before")
        self.client.update_endpoint_info("add", description="after", schema={"a": 1}, is_public=True)
        endpoint = self.client.get_endpoints()["add"]
        self.assertEqual(("after", 1, True), (endpoint.description, endpoint.version, endpoint.is_public))
        self.assertEqual([3], self.client.query("add", [1], [2])["response"])
        with self.assertRaisesRegex(RuntimeError, "No endpoint with that name"):
            self.client.update_endpoint_info("nobody", description="x")

    def test_remove(self):
        self.deploy("gone", add)
        self.client.remove("gone")
        self.assertNotIn("gone", self.client.get_endpoints())
        self.assertNotIn("gone", self.client.get_status())  # TabPy continues to list it and to respond for it
        with self.assertRaises(ResponseError) as raised:
            self.client.query("gone", [1], [2])
        self.assertEqual(404, raised.exception.status_code)
        with self.assertRaisesRegex(RuntimeError, "endpoint gone does not exist"):
            self.client.remove("gone")

    def test_alias(self):
        self.deploy("real", add)
        staged = self.session.get(URL + "configurations/endpoint_upload_destination").json()["path"] + "/endpoints/"
        shutil.copytree(staged + "real/1", staged + "short/1", dirs_exist_ok=True)
        response = self.session.post(URL + "endpoints", json={
            "name": "short", "type": "alias", "target": "real", "src_path": staged + "short/1", "description": "a second name"})
        self.assertEqual(201, response.status_code, response.text)
        self.addCleanup(self.forget, "short")
        response = self.client.query("short", [1], [2])
        self.assertEqual(([3], "real"), (response["response"], response["model"]))
        self.assertEqual("alias", self.client.get_endpoints()["short"].type)

    def test_errors_of_a_model(self):
        self.deploy("add", add)
        with self.assertRaises(ResponseError) as raised:
            self.client.query("add", [1])
        self.assertEqual(500, raised.exception.status_code)
        self.assertEqual("QueryFailed", raised.exception.info["type"])
        self.assertIn("TypeError", raised.exception.info["error"])
        with self.assertRaises(ResponseError) as raised:
            self.client.query("nobody", [1])
        self.assertEqual(404, raised.exception.status_code)

    def test_model_that_does_not_load(self):
        nowhere = sys.modules["tabpy_test_nowhere"] = types.ModuleType("tabpy_test_nowhere")
        self.addCleanup(sys.modules.pop, "tabpy_test_nowhere")
        exec("def f(x): return x", nowhere.__dict__)
        self.addCleanup(self.forget, "broken")
        with self.assertRaisesRegex(RuntimeError, "LoadFailed: .*tabpy_test_nowhere"):
            self.client.deploy("broken", nowhere.f)
        self.assertEqual("LoadFailed", self.client.get_status()["broken"]["status"])

    def test_names(self):
        with self.assertRaises(ValueError):
            self.client.deploy("../up", add)
        for name in ["with space", "under_score-and-minus", "0"]:
            self.deploy(name, add)
            self.assertEqual([3], self.client.query(name, [1], [2])["response"])

    def test_query_from_a_script(self):
        self.deploy("add", add)
        self.assertEqual((200, [5, 7]), self.evaluate("return tabpy.query('add', _arg1, _arg2)['response']", _arg1=[1, 2], _arg2=[4, 5]))

    def test_credentials(self):
        self.deploy("add", add)
        stranger = Client(URL)
        for set_credentials in [lambda: None, lambda: stranger.set_credentials(NAME, "wrong"), lambda: stranger.set_credentials("nobody", PASSWORD)]:
            set_credentials()
            for call in [stranger.get_endpoints, stranger.get_status, lambda: stranger.query("add", [1], [2]), lambda: stranger.deploy("x", add)]:
                with self.assertRaises(ResponseError) as raised:
                    call()
                self.assertEqual(401, raised.exception.status_code)
        with self.assertRaises(RuntimeError):
            stranger.remove("add")
        self.assertIn("add", self.client.get_endpoints())

    @unittest.skipIf(URL.startswith("https"), "for this the client checks certificates, and the one of these tests is self-signed")
    def test_remote_server(self):
        remote = connect(remote_server=True)
        self.addCleanup(self.forget, "far")
        self.assertEqual("200 - Success\n", remote.deploy("far", power, "raised", is_public=True))
        self.assertEqual([1, 4, 9], remote.query("far", [1, 2, 3])["response"])
        endpoint = remote.get_endpoints()["far"]
        self.assertEqual(("raised", 1, True), (endpoint.description, endpoint.version, endpoint.is_public))
        refused = remote.deploy("far", power)
        self.assertIn("500", refused)
        self.assertIn("already exists", refused)
        self.assertEqual("200 - Success\n", remote.deploy("far", power, "again", override=True, schema={"n": 1}))
        self.assertEqual(2, remote.query("far", [2], 3)["version"])

    @unittest.skipIf(URL.startswith("https"), "for this the client checks certificates, and the one of these tests is self-signed")
    def test_remote_server_with_another_address_inside(self):
        remote = connect(remote_server=True, localhost_endpoint=URL)
        self.addCleanup(self.forget, "far")
        self.assertEqual("200 - Success\n", remote.deploy("far", power))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
