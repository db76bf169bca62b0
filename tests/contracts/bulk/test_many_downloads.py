"""Each archive occupies a thread while it is sent, so the number sent at once is limited."""

from contracts.bulk.archives import MAX_DOWNLOADS


def test_when_all_places_are_taken_the_next_one_is_told_when_to_come_back(visit, api, official):
    running = [visit.get("/contracts/download/") for _ in range(MAX_DOWNLOADS)]

    page, call = visit.get("/contracts/download/"), api.get("contracts/download/")
    assert [(answer.status_code, answer["Retry-After"]) for answer in (page, call)] == [(503, "30")] * 2
    assert "Too many archives are being downloaded right now. Try again shortly." in page.text
    assert call.json()["code"] == "downloads_busy"
    assert visit.get("/contracts/").status_code == 200

    next(running[0]._iterator)
    running[0]._iterator.close()  # the client went away
    again = visit.get("/contracts/download/")
    assert again.status_code == 200
    assert visit.get("/contracts/download/").status_code == 503
    for answer in [*running[1:], again]:
        answer.getvalue()
    assert visit.get("/contracts/download/").getvalue()


def test_a_refused_download_takes_no_place(visit, official):
    for _ in range(MAX_DOWNLOADS + 1):
        assert visit.get("/contracts/download/?kind=nothing").status_code == 400
    assert visit.get("/contracts/download/").getvalue()


def test_a_head_request_gives_its_place_back(visit, official):
    for _ in range(MAX_DOWNLOADS + 1):
        answer = visit.head("/contracts/download/")
        assert (answer.status_code, answer.getvalue()) == (200, b"")
