"""Training curves through dvclive, where `dvc plots` and the VS Code extension look for them."""

import shutil
import tempfile
from functools import partial
from pathlib import Path

from dvclive import Live

from buysignal.core.files import stable, write_atomic
from buysignal.models.patchtst.job import Fit


def write_curves(folder: str | Path, fit: Fit | None) -> None:
    """Write loss and AUC on the stop role per epoch, means over the seeds, as dvclive plots.

    ``dvcyaml`` and the experiment are left to the pipeline, which already has both. Without a fit
    the folder is there and holds no curve, whatever an earlier run left in it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    if fit is None:
        return
    trained = fit.trained
    with tempfile.TemporaryDirectory() as made:  # dvclive writes line by line: nobody is to see half a curve
        with Live(dir=made, dvcyaml=False, save_dvc_exp=False, report=None) as live:
            for loss, auc in zip(trained.loss_history.mean(axis=1), trained.auc_history.mean(axis=1)):
                live.log_metric("train_loss", stable(float(loss)))
                live.log_metric("stop_auc", stable(float(auc)))
                live.next_step()
        for path in sorted(path for path in Path(made).rglob("*") if path.is_file()):
            write_atomic(Path(folder, path.relative_to(made)), partial(shutil.copyfile, path))
