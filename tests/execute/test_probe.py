from test_task import *
from test_task import workers, worker
import hashlib
def test_zz1(worker, project):
    probe(project, READING)
    text="a\r\nb\n"
    md5=hashlib.md5(text.replace("\r\n","\n").encode()).hexdigest()
    p=project.path/".dvc/cache"/md5[:2]/md5[2:]; p.parent.mkdir(parents=True); p.write_bytes(text.encode())
    project.write({"data.dvc": f"outs:\n- md5: {md5}\n  size: 5\n  path: data\n", ".gitignore":"/data\n/model.json\n"})
    project.git("add","-A")
    for i in range(2):
        t=task_of(project, f"paribus-x-{i}", params=seeded(i))
        c=succeeded(worker, t)
        print("@@", project.git("show", f"{c}:found.json"), project.git("diff", t.tree, c, "--", "data.dvc"))
