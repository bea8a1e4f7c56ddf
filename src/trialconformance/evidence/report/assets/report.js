"use strict";
// Search and filter of the case table. Everything is readable without this script.
(function () {
  var form = document.querySelector("form.filter");
  var rows = Array.prototype.slice.call(document.querySelectorAll("table.cases tbody tr"));
  if (!form || !rows.length) { return; }
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  var query = form.querySelector("input[type=search]");
  var ticks = Array.prototype.slice.call(form.querySelectorAll("input[name=v]"));
  var hits = form.querySelector(".hits");

  function apply() {
    var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    var verdicts = {};
    ticks.forEach(function (tick) { if (tick.checked) { verdicts[tick.value] = true; } });
    var shown = 0;
    rows.forEach(function (row, index) {
      var fits = verdicts[row.dataset.v] && words.every(function (word) { return texts[index].indexOf(word) >= 0; });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    hits.textContent = shown + " of " + rows.length + " cases shown";
  }

  // A link to a case must arrive even when the filter hides it.
  function reveal() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      query.value = "";
      ticks.forEach(function (tick) { tick.checked = true; });
      apply();
      target.scrollIntoView();
    }
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", reveal);
  // On paper everything is shown: a filter left on must not hide a case from a committee.
  window.addEventListener("beforeprint", function () {
    rows.forEach(function (row) { row.hidden = false; });
    document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", apply);
  apply();
}());
